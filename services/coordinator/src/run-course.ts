/**
 * The course of a run: what its log says, what it needs next, and what a failure makes of it. What happens is written
 * to the log first and acted on then. Called in the coordinator's turn only.
 */
import { errorCode, errorMessage, type Clock, type JsonValue, type Logger } from '@espalier/base';
import type { NextStep, RunningStage, StageSpec } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';
import { coordinatorError } from './errors';
import type { RunState } from './fold-run';
import { firstLostStage } from './lost-inputs';
import type { Outbox, OutgoingEvent } from './outbox';
import { afterFailure, failuresOf, isBusy, notBeforeMs, type RetryPolicy } from './retry-policy';
import type { RunBook } from './run-book';
import type { Fields, RunEvent, RunEventInput } from './run-events';
import type { RunPlanner } from './run-planner';
import type { Lease, Scheduler } from './scheduler';
import { isOpen } from './steering';

export interface RunCourseParts {
  readonly book: RunBook;
  readonly planner: RunPlanner;
  readonly scheduler: Scheduler;
  readonly retry: RetryPolicy;
  readonly outbox: Pick<Outbox, 'publish'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
}

/** A run is not lost with a plugin: it waits until somebody has mended or swapped it. */
const PLUGIN_FAILED = 'PLUGIN_FAILED';

interface SeenProgress {
  readonly key: Digest;
  readonly step: number;
  readonly atMs: number;
  readonly stepsPerMs: number;
}

/** What telling a service takes, at most: it checkpoints between two slices of its training. */
const TELL_MS = 2_000;

export class RunCourse {
  private readonly parts: RunCourseParts;
  /** How far the running stages have come, as far as was told. */
  private readonly progress = new Map<string, SeenProgress>();

  constructor(parts: RunCourseParts) {
    this.parts = parts;
  }

  /** @throws COORDINATOR_NO_RUN */
  state(run: string): RunState {
    const state = this.parts.book.get(run);
    if (!state) throw coordinatorError('COORDINATOR_NO_RUN', { run });
    return state;
  }

  async log(run: string, event: RunEventInput): Promise<void> {
    const logged: RunEvent = await this.parts.book.append(run, event);
    this.parts.outbox.publish(run, logged as unknown as OutgoingEvent);
  }

  /** An event that goes to the watchers and into no log. */
  tell(run: string, type: string, fields: Fields): void {
    if (type === 'stage.progress') this.see(run, fields['step']);
    this.parts.outbox.publish(run, { type, fields, at: this.parts.clock.nowMs() });
  }

  nextSpec(run: string): StageSpec | undefined {
    const { recipe, finished } = this.state(run);
    const step: NextStep = this.parts.planner.nextStage(recipe, finished);
    return step.step === 'stage' ? step.spec : undefined;
  }

  /** The title of a lease's stage, for people. */
  titleOf({ run, key }: Lease): string {
    const { current } = this.state(run);
    return current?.key === key ? current.title : 'its stage';
  }

  private see(run: string, step: unknown): void {
    const key = this.state(run).current?.key;
    if (key === undefined || typeof step !== 'number') return;
    const atMs = this.parts.clock.nowMs();
    const before = this.progress.get(run);
    const stepsPerMs =
      before?.key === key && atMs > before.atMs ? Math.max(0, step - before.step) / (atMs - before.atMs) : 0;
    this.progress.set(run, { key, step, atMs, stepsPerMs });
  }

  /** The stage in work, and how far it will have come before it can be told anything. */
  running(run: string): RunningStage | undefined {
    const { current } = this.state(run);
    if (!current) return undefined;
    const seen = this.progress.get(run);
    if (seen?.key !== current.key) return { key: current.key };
    const passedMs = this.parts.clock.nowMs() - seen.atMs + TELL_MS;
    return { key: current.key, step: Math.ceil(seen.step + seen.stepsPerMs * passedMs) };
  }

  /** After a start of the coordinator: the lease that the log knows waits for its service to come back. */
  readopt(state: RunState): void {
    const { planner, scheduler, clock } = this.parts;
    const { current } = state;
    if (!current || !isOpen(state)) return;
    const step = planner.nextStage(state.recipe, state.finished);
    if (step.step !== 'stage' || planner.stageKey(step.spec) !== current.key) return;
    const { key, leaseId, serviceId, service } = current;
    scheduler.restore({ run: state.id, key, leaseId, serviceId, service }, clock.nowMs());
  }

  /** Finds out what the run needs next and wants it; ends the run when that is nothing. */
  async advance(run: string, triedBy?: string): Promise<void> {
    const state = this.state(run);
    if (!isOpen(state)) return;
    const { planner, scheduler, retry } = this.parts;
    try {
      const step = planner.nextStage(state.recipe, state.finished);
      if (step.step === 'done') {
        const report = this.report(state);
        return await this.log(run, { type: 'run.done', fields: { report } });
      }
      const key = planner.stageKey(step.spec);
      scheduler.want({
        run,
        key,
        kind: step.spec.kind,
        fingerprint: step.spec.fingerprint,
        order: state.createdAt,
        notBefore: notBeforeMs(state, key, retry),
        triedBy,
      });
    } catch (error) {
      const code = errorCode(error) ?? 'COORDINATOR_REQUEST';
      await this.log(run, { type: 'run.failed', fields: { code, message: errorMessage(error) } });
    }
  }

  /** The run wants nothing more, for now; a stage in work is interrupted. */
  async takeBack(run: string, reason: string): Promise<void> {
    const lease = this.parts.scheduler.unwant(run, reason);
    if (!lease) return;
    const fields = { key: lease.key, title: this.titleOf(lease), reason };
    await this.log(run, { type: 'stage.interrupted', fields });
  }

  /** Ends a lease that failed: the stage is tried again later, or the run fails with it. */
  async failed(lease: Lease, error: { code: string; message: string; retryable: boolean }): Promise<void> {
    const { run, key, service, serviceId } = lease;
    if (isBusy(error)) return this.refused(lease, error.message);
    const before = failuresOf(this.state(run).retries, key);
    const { again, inputsLost } = afterFailure(error, before, this.parts.retry);
    const { code, message } = error;
    const title = this.titleOf(lease);
    await this.log(run, { type: 'stage.failed', fields: { key, title, service, code, message, again } });
    if (code === PLUGIN_FAILED) return this.log(run, { type: 'run.paused', fields: { code, message } });
    if (!again) return this.log(run, { type: 'run.failed', fields: { code, message } });
    if (inputsLost) await this.replan(run, { key, title, code });
    await this.advance(run, serviceId);
  }

  /** Ends a lease whose service was busy: the stage is offered again later, to whoever is free then. */
  private async refused(lease: Lease, reason: string): Promise<void> {
    const { run, key } = lease;
    const fields = { key, title: this.titleOf(lease), reason, busy: true };
    await this.log(run, { type: 'stage.interrupted', fields });
    await this.advance(run);
  }

  /**
   * Nobody has what the run's next stage starts from: the finished stages from the one that made it are dropped, and
   * run again. Stages are pure, so they make the same again; those whose results are still somewhere are answered at
   * once.
   */
  private async replan(run: string, lost: { key: Digest; title: string; code: string }): Promise<void> {
    const { finished, replans = 0 } = this.state(run);
    const spec = this.nextSpec(run);
    const kept = spec && firstLostStage(spec, finished);
    if (kept === undefined || replans >= this.parts.retry.maxReplans) return;
    this.parts.logger.warn('the inputs of a stage are lost; the stages that made them run again', {
      run,
      stage: lost.title,
      from: finished[kept].title,
    });
    const toRound = Math.max(0, ...finished.slice(0, kept).map(({ spec: { round = 0 } }) => round));
    await this.log(run, { type: 'run.undone', fields: { toRound, kept, lost } });
  }

  private report({ id: run, recipe, finished }: RunState): JsonValue {
    const stages = finished.map(({ seconds, wire, cached }) => ({ seconds, wire, cached }));
    const engine = finished.find((stage) => stage.engine !== undefined)?.engine ?? null;
    return this.parts.planner.buildReport(recipe, finished, { run, stages, engine });
  }
}
