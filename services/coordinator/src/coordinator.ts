/**
 * The coordinator without its sockets: runs are taken in, their next stages handed to services, what comes back is
 * logged first and acted on then. All changes go one after the other through one queue, so that the log, the states and
 * the leases never disagree. It holds no tensors.
 */
import { errorCode, errorMessage, newRunId, type Clock, type JsonValue, type Logger } from '@espalier/base';
import type { NextStep, StageResult, StageSpec } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';
import { coordinatorError } from './errors';
import type { RunState } from './fold-run';
import { firstLostStage } from './lost-inputs';
import { isMissingInput, retryDelayMs, type RetryPolicy } from './retry-policy';
import type { RunBook } from './run-book';
import type { Fields, RunEvent, RunEventInput, WireBytes } from './run-events';
import type { RunPlanner } from './run-planner';
import type { Lease, Peer, Scheduler } from './scheduler';

/** A service as it announced itself. */
export interface ServicePeer extends Peer {
  readonly engine?: JsonValue;
  /** Where its store is. */
  readonly dataUrl?: string;
}

export interface StageOffer {
  readonly run: string;
  readonly leaseId: string;
  readonly key: Digest;
  readonly stage: StageSpec;
  /** Data planes that may have each input, best first. */
  readonly sources: Readonly<Record<Digest, readonly string[]>>;
}

/** An event on its way to the watchers; without `seq` it stands in no log. */
export type OutgoingEvent = {
  readonly type: string;
  readonly fields: Fields;
  readonly seq?: number;
  readonly at: number;
};

/** What goes out over the sockets. */
export interface Outbox {
  /** Settles when the service has accepted; rejects with the reason when it refuses or is gone. */
  offer(peerId: string, offer: StageOffer): Promise<void>;
  cancel(peerId: string, run: string | undefined, leaseId: string, reason: string): void;
  publish(run: string, event: OutgoingEvent): void;
}

export interface CoordinatorParts {
  readonly book: RunBook;
  readonly planner: RunPlanner;
  readonly scheduler: Scheduler;
  readonly retry: RetryPolicy;
  readonly outbox: Outbox;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
}

export interface NewRun {
  /** The resolved recipe. */
  readonly recipe: JsonValue;
  readonly name?: string;
  readonly data?: Digest;
  readonly dataUrls: readonly string[];
}

export interface UndoWish {
  /** A resolved recipe in place of the run's. */
  readonly recipe?: JsonValue;
  /** Where the data set is now, when that has moved. */
  readonly dataUrls?: readonly string[];
}

export interface StageOutcome {
  readonly leaseId: string;
  readonly key: Digest;
  readonly result: StageResult;
  readonly wire: WireBytes;
  readonly seconds: number;
  readonly cached: boolean;
}

export interface StageFailure {
  readonly leaseId: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** Events that a service may send about the stage that it works on. */
export const STAGE_EVENT_TYPES = ['stage.progress', 'stage.layers', 'stage.note'] as const;
export type StageEventType = (typeof STAGE_EVENT_TYPES)[number];

export class Coordinator {
  private readonly parts: CoordinatorParts;
  private readonly peers = new Map<string, ServicePeer>();
  private tail: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(parts: CoordinatorParts) {
    this.parts = parts;
  }

  // ---- runs ----

  /** After a start: goes on with every run of the book. Leases of the log wait for their services to come back. */
  recover(): Promise<void> {
    return this.inTurn(async () => {
      for (const state of this.parts.book.list()) {
        const { current } = state;
        const step =
          current && isOpen(state) ? this.parts.planner.nextStage(state.recipe, state.finished) : undefined;
        if (current && step?.step === 'stage' && this.parts.planner.stageKey(step.spec) === current.key) {
          const { key, leaseId, serviceId, service } = current;
          this.parts.scheduler.restore({ run: state.id, key, leaseId, serviceId, service }, this.nowMs());
        }
        await this.advance(state.id);
      }
    });
  }

  submit(wish: NewRun): Promise<RunState> {
    return this.inTurn(async () => {
      const recipe = this.parts.planner.checkRecipe(wish.recipe);
      const id = newRunId();
      await this.log(id, { type: 'run.created', fields: { ...wish, recipe } });
      await this.advance(id);
      return this.state(id);
    });
  }

  pause(run: string): Promise<RunState> {
    return this.change(run, 'paused', ['queued', 'running'], async () => {
      await this.takeBack(run, 'the run is paused');
      await this.log(run, { type: 'run.paused', fields: {} });
    });
  }

  /** Goes on with a run that is paused, stopped or failed; `dataUrls` where its data set is now, when that has moved. */
  resume(run: string, dataUrls?: readonly string[]): Promise<RunState> {
    return this.change(run, 'resumed', ['paused', 'stopped', 'failed'], () =>
      this.log(run, { type: 'run.resumed', fields: dataUrls ? { dataUrls } : {} }),
    );
  }

  stop(run: string): Promise<RunState> {
    return this.change(run, 'stopped', ['queued', 'running', 'paused', 'failed'], async () => {
      await this.takeBack(run, 'the run is stopped');
      await this.log(run, { type: 'run.stopped', fields: {} });
    });
  }

  /** Goes back to the end of a round (0: to before the first); with another recipe it goes on differently from there. */
  undo(run: string, toRound: number, { recipe, dataUrls }: UndoWish = {}): Promise<RunState> {
    return this.change(run, 'undone', ['running', 'paused', 'stopped', 'done', 'failed'], async () => {
      const { planner } = this.parts;
      const kept = planner.truncateToRound(this.state(run).finished, toRound).length;
      const checked = recipe === undefined ? {} : { recipe: planner.checkRecipe(recipe) };
      await this.takeBack(run, `the run goes back to round ${toRound}`);
      await this.log(run, {
        type: 'run.undone',
        fields: { toRound, kept, ...checked, ...(dataUrls ? { dataUrls } : {}) },
      });
    });
  }

  // ---- services ----

  /** @param running the leases that it still works on, or whose outcome it has not got rid of */
  announced(peer: ServicePeer, running: readonly string[]): Promise<void> {
    return this.inTurn(() => {
      for (const other of this.peers.values()) {
        if (other.serviceId === peer.serviceId) this.peers.delete(other.peerId);
      }
      this.peers.set(peer.peerId, peer);
      this.parts.scheduler.announce(peer, running, this.nowMs());
    });
  }

  gone(peerId: string): Promise<void> {
    return this.inTurn(() => {
      this.peers.delete(peerId);
      this.parts.scheduler.gone(peerId, this.nowMs());
    });
  }

  /** Through the queue, though it logs nothing: it must not overtake the announcement that it rests on. */
  renewed(peerId: string, leaseId: string): Promise<void> {
    return this.inTurn(() => {
      if (this.parts.scheduler.renew(leaseId, peerId, this.nowMs())) return;
      this.parts.outbox.cancel(peerId, undefined, leaseId, 'this lease is not yours any more');
    });
  }

  /** An event of a stage; one that comes from somebody who does not hold the run's lease is dropped. */
  stageEvent(peerId: string, run: string, type: StageEventType, fields: Fields): Promise<void> {
    if (type === 'stage.progress') {
      // Not durable, and not worth a place in the queue.
      if (this.parts.scheduler.holds(run, peerId)) {
        this.parts.outbox.publish(run, { type, fields: this.named(run, fields), at: this.nowMs() });
      }
      return Promise.resolve();
    }
    return this.inTurn(async () => {
      if (!this.parts.scheduler.holds(run, peerId)) return;
      await this.log(run, { type, fields: this.named(run, fields) });
    });
  }

  /** The outcome of a lease. When this has settled the result is in the log; an outcome that nobody waits for is dropped. */
  stageDone(peerId: string, outcome: StageOutcome): Promise<void> {
    return this.inTurn(async () => {
      const lease = this.parts.scheduler.held(outcome.leaseId, peerId);
      if (!lease) return;
      const spec = this.nextSpec(lease.run);
      const problem = outcome.key === lease.key ? resultProblem(outcome.result) : 'it is for another stage';
      if (!spec || problem !== undefined) {
        const details = {
          service: lease.service,
          stage: this.titleOf(lease),
          problem: problem ?? 'nobody wants it',
        };
        this.parts.scheduler.end(outcome.leaseId, peerId);
        return this.failed(lease, coordinatorError('COORDINATOR_RESULT', details));
      }
      const { result, wire, seconds, cached, key } = outcome;
      const engine = this.peers.get(peerId)?.engine;
      const title = this.parts.planner.stageTitle(spec);
      const { service, serviceId } = lease;
      const fields = { key, title, spec, result, service, serviceId, wire, seconds, cached, engine };
      await this.log(lease.run, { type: 'stage.done', fields });
      this.parts.scheduler.end(outcome.leaseId, peerId);
      await this.advance(lease.run);
    });
  }

  stageFailed(peerId: string, failure: StageFailure): Promise<void> {
    return this.inTurn(async () => {
      const lease = this.parts.scheduler.end(failure.leaseId, peerId);
      if (lease && failure.code === 'SERVICE_STOPPED') this.parts.scheduler.retire(lease.serviceId);
      if (lease) await this.failed(lease, failure);
    });
  }

  services(): readonly (ServicePeer & { readonly lease?: Lease })[] {
    return this.parts.scheduler.services().map(({ lease, peerId, ...rest }) => ({
      ...(this.peers.get(peerId) ?? { ...rest, peerId }),
      ...(lease ? { lease } : {}),
    }));
  }

  /** Looks at the clock: leases run out, back-offs end. */
  tick(): Promise<void> {
    return this.inTurn(() => undefined);
  }

  /** Settles when everything that was asked for so far is done; nothing is taken in afterwards. */
  async close(): Promise<void> {
    this.closed = true;
    await this.tail;
  }

  /** Runs one change after all earlier ones, then sends what follows from it. */
  inTurn<T>(change: () => T | Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(coordinatorError('COORDINATOR_CLOSING'));
    const done = this.tail.then(async () => {
      const value = await change();
      await this.settle();
      return value;
    });
    // The caller has the failure by `done`; the next change must not inherit it.
    this.tail = done.catch(() => undefined);
    return done;
  }

  // ---- inside ----

  private async settle(): Promise<void> {
    const { scheduler, outbox } = this.parts;
    if (this.closed) return;
    for (
      let actions = scheduler.plan(this.nowMs());
      actions.length > 0;
      actions = scheduler.plan(this.nowMs())
    ) {
      for (const action of actions) {
        if (action.do === 'cancel') outbox.cancel(action.peerId, undefined, action.leaseId, action.reason);
        else if (action.do === 'offer') await this.offer(action.peerId, action.lease);
        else {
          const { reason, lease } = action;
          const details = { service: lease.serviceId, stage: this.titleOf(lease), reason };
          await this.failed(lease, coordinatorError('COORDINATOR_SERVICE_LOST', details));
        }
      }
    }
  }

  /** In the log before it is sent: a coordinator that dies in between knows whom to wait for. */
  private async offer(peerId: string, lease: Lease): Promise<void> {
    const { leaseId, run, key, service, serviceId } = lease;
    const stage = this.nextSpec(run);
    if (!stage) return;
    const state = this.state(run);
    const attempt = (state.retries?.key === key ? state.retries.count : 0) + 1;
    const started = {
      key,
      title: this.parts.planner.stageTitle(stage),
      service,
      serviceId,
      leaseId,
      attempt,
    };
    await this.log(run, { type: 'stage.started', fields: started });
    this.parts.outbox.offer(peerId, { run, leaseId, key, stage, sources: this.sources(state, stage) }).then(
      () => this.renewed(peerId, leaseId),
      (error: unknown) => {
        this.stageFailed(peerId, {
          leaseId,
          code: errorCode(error) ?? 'COORDINATOR_SERVICE_LOST',
          message: errorMessage(error),
          retryable: (error as { retryable?: boolean }).retryable ?? false,
        }).catch((problem: unknown) => this.complain(run, problem));
      },
    );
  }

  /** Ends a lease that failed: the stage is tried again later, or the run fails with it. */
  private async failed(
    lease: Lease,
    error: { code: string; message: string; retryable: boolean },
  ): Promise<void> {
    const { run, key, service, serviceId } = lease;
    const retries = this.state(run).retries;
    const count = (retries?.key === key ? retries.count : 0) + 1;
    const again = error.retryable && retryDelayMs(count, this.parts.retry) !== undefined;
    const { code, message } = error;
    const title = this.titleOf(lease);
    await this.log(run, { type: 'stage.failed', fields: { key, title, service, code, message, again } });
    if (!again) return this.log(run, { type: 'run.failed', fields: { code, message } });
    if (isMissingInput(code) && count >= this.parts.retry.missingFailures) {
      await this.replan(run, { key, title, code });
    }
    await this.advance(run, serviceId);
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

  /** Finds out what the run needs next and wants it; ends the run when that is nothing. */
  private async advance(run: string, triedBy?: string): Promise<void> {
    const state = this.state(run);
    if (!isOpen(state)) return;
    const { planner, scheduler } = this.parts;
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
        notBefore: this.notBefore(state, key),
        triedBy,
      });
    } catch (error) {
      const code = errorCode(error) ?? 'COORDINATOR_REQUEST';
      await this.log(run, { type: 'run.failed', fields: { code, message: errorMessage(error) } });
    }
  }

  private notBefore({ retries }: RunState, key: Digest): number {
    if (retries?.key !== key) return 0;
    return retries.lastAt + (retryDelayMs(retries.count, this.parts.retry) ?? 0);
  }

  private report({ id: run, recipe, finished }: RunState): JsonValue {
    const stages = finished.map(({ seconds, wire, cached }) => ({ seconds, wire, cached }));
    const engine = finished.find((stage) => stage.engine !== undefined)?.engine ?? null;
    return this.parts.planner.buildReport(recipe, finished, { run, stages, engine });
  }

  private async takeBack(run: string, reason: string): Promise<void> {
    const lease = this.parts.scheduler.unwant(run, reason);
    if (!lease) return;
    const fields = { key: lease.key, title: this.titleOf(lease), reason };
    await this.log(run, { type: 'stage.interrupted', fields });
  }

  private change(
    run: string,
    wish: keyof typeof HINTS,
    from: readonly RunState['status'][],
    act: () => Promise<void>,
  ): Promise<RunState> {
    return this.inTurn(async () => {
      const { status } = this.state(run);
      if (!from.includes(status)) {
        throw coordinatorError('COORDINATOR_RUN_STATE', { run, status, wish, hint: HINTS[wish] });
      }
      await act();
      await this.advance(run);
      return this.state(run);
    });
  }

  private async log(run: string, event: RunEventInput): Promise<void> {
    const logged: RunEvent = await this.parts.book.append(run, event);
    this.parts.outbox.publish(run, logged as unknown as OutgoingEvent);
  }

  /** Best first: whoever made it, then every other store that is connected, then the submitter's. */
  private sources(state: RunState, spec: StageSpec): StageOffer['sources'] {
    const urls = [...this.peers.values()].flatMap((peer) => (peer.dataUrl === undefined ? [] : [peer]));
    const map: Record<Digest, readonly string[]> = {};
    for (const { digest } of Object.values(spec.inputs)) {
      const maker = state.finished.findLast(({ result }) =>
        Object.values(result.outputs).some((output) => output.digest === digest),
      )?.serviceId;
      const ranked = [...urls].sort((a, b) => Number(b.serviceId === maker) - Number(a.serviceId === maker));
      map[digest] = unique([...ranked.map(({ dataUrl }) => dataUrl as string), ...state.dataUrls]);
    }
    if (spec.data !== undefined) {
      map[spec.data] = unique([...state.dataUrls, ...urls.map(({ dataUrl }) => dataUrl as string)]);
    }
    return map;
  }

  private nextSpec(run: string): StageSpec | undefined {
    const { recipe, finished } = this.state(run);
    const step: NextStep = this.parts.planner.nextStage(recipe, finished);
    return step.step === 'stage' ? step.spec : undefined;
  }

  private titleOf({ run, key }: Lease): string {
    const { current } = this.state(run);
    return current?.key === key ? current.title : 'its stage';
  }

  private named(run: string, fields: Fields): Fields {
    const { current } = this.state(run);
    return current ? { key: current.key, title: current.title, ...fields } : fields;
  }

  private state(run: string): RunState {
    const state = this.parts.book.get(run);
    if (!state) throw coordinatorError('COORDINATOR_NO_RUN', { run });
    return state;
  }

  private nowMs(): number {
    return this.parts.clock.nowMs();
  }

  private complain(run: string, error: unknown): void {
    this.parts.logger.error('the coordinator could not go on with a run', {
      run,
      problem: errorMessage(error),
    });
  }
}

/** As many as one offer may name for each input. */
const MAX_SOURCES = 16;

const HINTS = {
  paused: 'only a run that is queued or running can be',
  resumed: 'only one that is paused, stopped or failed can be; "undo" goes back in one that is done',
  stopped: 'it has ended already',
  undone: 'it has no finished stage yet',
} as const;

function isOpen({ status }: RunState): boolean {
  return status === 'queued' || status === 'running';
}

function resultProblem({ outputs, metrics }: StageResult): string | undefined {
  if (typeof outputs !== 'object' || outputs === null) return 'it has no outputs';
  if (typeof metrics !== 'object' || metrics === null) return 'it has no metrics';
  return Object.values(outputs).every((output) => /^[0-9a-f]{64}$/.test(String(output?.digest)))
    ? undefined
    : 'an output has no digest';
}

function unique(urls: readonly string[]): readonly string[] {
  return [...new Set(urls)].slice(0, MAX_SOURCES);
}
