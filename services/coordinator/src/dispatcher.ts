/** Carries out what the scheduler plans: offers, cancels, and the end of leases that are lost. */
import { errorCode, errorMessage, type Clock } from '@espalier/base';
import { coordinatorError } from './errors';
import { inputSources } from './input-sources';
import type { Outbox } from './outbox';
import { failuresOf } from './retry-policy';
import type { RunCourse } from './run-course';
import type { RunPlanner } from './run-planner';
import type { Lease, Scheduler } from './scheduler';
import type { ServiceRoster } from './service-roster';
import type { StageFailure } from './stage-outcome';

export interface DispatcherParts {
  readonly course: RunCourse;
  readonly roster: ServiceRoster;
  readonly planner: RunPlanner;
  readonly scheduler: Scheduler;
  readonly outbox: Outbox;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** What a service answered to an offer; called outside the coordinator's turn. Must not throw. */
  accepted(lease: Lease, peerId: string): void;
  refused(lease: Lease, peerId: string, failure: StageFailure): void;
}

export class Dispatcher {
  private readonly parts: DispatcherParts;

  constructor(parts: DispatcherParts) {
    this.parts = parts;
  }

  /** Until there is nothing left to do: a lease that is lost makes its run want something again. */
  async settle(): Promise<void> {
    const { scheduler, clock } = this.parts;
    let actions = scheduler.plan(clock.nowMs());
    while (actions.length > 0) {
      for (const action of actions) {
        if (action.do === 'offer') await this.offer(action.peerId, action.lease);
        else if (action.do === 'lost') await this.lost(action.lease, action.reason);
        else this.parts.outbox.cancel(action.peerId, undefined, action.leaseId, action.reason);
      }
      actions = scheduler.plan(clock.nowMs());
    }
  }

  /** In the log before it is sent: a coordinator that dies in between knows whom to wait for. */
  private async offer(peerId: string, lease: Lease): Promise<void> {
    const { course, planner, roster, outbox } = this.parts;
    const { leaseId, run, key, service, serviceId } = lease;
    const stage = course.nextSpec(run);
    if (!stage) return;
    const state = course.state(run);
    const attempt = failuresOf(state.retries, key) + 1;
    const title = planner.stageTitle(stage);
    const fields = { key, title, service, serviceId, leaseId, attempt };
    await course.log(run, { type: 'stage.started', fields });
    const sources = inputSources(state, stage, roster.list());
    outbox.offer(peerId, { run, leaseId, key, stage, sources }).then(
      () => this.parts.accepted(lease, peerId),
      (error: unknown) => {
        this.parts.refused(lease, peerId, {
          leaseId,
          code: errorCode(error) ?? 'COORDINATOR_SERVICE_LOST',
          message: errorMessage(error),
          retryable: (error as { retryable?: boolean }).retryable ?? false,
        });
      },
    );
  }

  private lost(lease: Lease, reason: string): Promise<void> {
    const { course } = this.parts;
    const details = { service: lease.serviceId, stage: course.titleOf(lease), reason };
    return course.failed(lease, coordinatorError('COORDINATOR_SERVICE_LOST', details));
  }
}
