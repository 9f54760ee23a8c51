/**
 * What services say: that they are there, that they are still at a stage, how it goes and how it ended. What comes from
 * somebody who does not hold the lease does not count. Called in the coordinator's turn only, but for `passing`.
 */
import type { Clock } from '@espalier/base';
import { coordinatorError } from './errors';
import type { Outbox } from './outbox';
import type { RunCourse } from './run-course';
import type { Fields } from './run-events';
import type { RunPlanner } from './run-planner';
import type { Lease, Scheduler } from './scheduler';
import type { ServicePeer, ServiceRoster } from './service-roster';
import { outcomeProblem, type StageFailure, type StageOutcome } from './stage-outcome';

/** Events that a service may send about the stage that it works on. */
export const STAGE_EVENT_TYPES = ['stage.progress', 'stage.layers', 'stage.note', 'stage.measured'] as const;
export type StageEventType = (typeof STAGE_EVENT_TYPES)[number];

export interface StageDeskParts {
  readonly course: RunCourse;
  readonly roster: ServiceRoster;
  readonly planner: RunPlanner;
  readonly scheduler: Scheduler;
  readonly outbox: Pick<Outbox, 'cancel'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export class StageDesk {
  private readonly parts: StageDeskParts;

  constructor(parts: StageDeskParts) {
    this.parts = parts;
  }

  announced(peer: ServicePeer, running: readonly string[]): void {
    this.parts.roster.add(peer);
    this.parts.scheduler.announce(peer, running, this.parts.clock.nowMs());
  }

  gone(peerId: string): void {
    this.parts.roster.remove(peerId);
    this.parts.scheduler.gone(peerId, this.parts.clock.nowMs());
  }

  renewed(peerId: string, leaseId: string): void {
    if (this.parts.scheduler.renew(leaseId, peerId, this.parts.clock.nowMs())) return;
    this.parts.outbox.cancel(peerId, undefined, leaseId, 'this lease is not yours any more');
  }

  /** An event that is told and forgotten. */
  passing(peerId: string, run: string, type: StageEventType, fields: Fields): void {
    if (!this.parts.scheduler.holds(run, peerId)) return;
    this.parts.course.tell(run, type, this.named(run, fields));
  }

  /** An event that is kept. */
  async lasting(
    peerId: string,
    run: string,
    type: Exclude<StageEventType, 'stage.progress'>,
    fields: Fields,
  ): Promise<void> {
    if (!this.parts.scheduler.holds(run, peerId)) return;
    await this.parts.course.log(run, { type, fields: this.named(run, fields) });
  }

  async done(peerId: string, outcome: StageOutcome): Promise<void> {
    const { course, planner, roster, scheduler } = this.parts;
    const lease = scheduler.held(outcome.leaseId, peerId);
    if (!lease) return;
    const spec = course.nextSpec(lease.run);
    const problem = outcomeProblem(outcome, lease.key) ?? (spec ? undefined : 'nobody wants it');
    if (!spec || problem !== undefined) {
      const details = { service: lease.service, stage: course.titleOf(lease), problem: problem ?? '' };
      scheduler.end(outcome.leaseId, peerId);
      return course.failed(lease, coordinatorError('COORDINATOR_RESULT', details));
    }
    const { result, wire, seconds, cached, key } = outcome;
    const engine = roster.get(peerId)?.engine;
    const title = planner.stageTitle(spec);
    const { service, serviceId } = lease;
    const fields = { key, title, spec, result, service, serviceId, wire, seconds, cached, engine };
    await course.log(lease.run, { type: 'stage.done', fields });
    scheduler.end(outcome.leaseId, peerId);
    await course.advance(lease.run);
  }

  async failed(peerId: string, failure: StageFailure): Promise<void> {
    const { course, scheduler } = this.parts;
    const lease = scheduler.end(failure.leaseId, peerId);
    if (lease && failure.code === 'SERVICE_STOPPED') scheduler.retire(lease.serviceId);
    if (lease) await course.failed(lease, failure);
  }

  services(): readonly (ServicePeer & { readonly lease?: Lease })[] {
    return this.parts.scheduler.services().map(({ lease, peerId, ...rest }) => ({
      ...(this.parts.roster.get(peerId) ?? { ...rest, peerId }),
      ...(lease ? { lease } : {}),
    }));
  }

  private named(run: string, fields: Fields): Fields {
    const { current } = this.parts.course.state(run);
    return current ? { ...fields, key: current.key, title: current.title } : fields;
  }
}
