/**
 * The work on leases, one at a time: pull what the stage starts from, run it, tell how it goes, hand in the outcome. An
 * outcome is kept until the hub has acknowledged it, however often the connection breaks in between.
 */
import { errorCode, errorMessage, type Clock, type EspalierError, type Logger } from '@espalier/base';
import type { BlobStore, RecordStore } from '@espalier/store';
import type { Digest } from '@espalier/tensor';
import { afterMs, conflate } from './conflate';
import { serviceError } from './errors';
import type { WireBytes } from '@espalier/protocol';
import type { OfferedStage, RunnerContext, RunnerEvent, StageOutput, StageRunner } from './stage-runner';
import type { RunnerWatcher } from './view/show-desk';
import { stageMemory, type StageMemory } from './view/stage-memory';

/** At most so often does progress leave this process. */
const PROGRESS_INTERVAL_MS = 100;
/** A long training leaves a checkpoint every few seconds. */
const TIDY_INTERVAL_MS = 60_000;

export interface OfferedLease {
  readonly leaseId: string;
  readonly run: string;
  readonly key: Digest;
  readonly stage: OfferedStage;
  readonly ttlMs: number;
  /** Data planes that may have each input, best first. */
  readonly sources: Readonly<Record<Digest, readonly string[]>>;
}

export type LeaseOutcome =
  | {
      readonly ok: true;
      readonly result: StageOutput;
      readonly cached: boolean;
      readonly seconds: number;
      readonly wire: WireBytes;
    }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly retryable: boolean };

/** What goes to the hub. */
export interface LeaseReports {
  renew(lease: OfferedLease): void;
  event(lease: OfferedLease, event: RunnerEvent): void;
  /** For what the stage shows; it is said until the hub has it. */
  watch(lease: OfferedLease): RunnerWatcher;
  /** Settles when the hub has it, or will never want it. */
  outcome(lease: OfferedLease, outcome: LeaseOutcome): Promise<void>;
}

export interface LeaseWorkerParts {
  readonly service: string;
  readonly store: BlobStore;
  readonly cache: RecordStore;
  /** What stages have shown, by their key. */
  readonly shown: RecordStore;
  readonly runner: StageRunner;
  readonly threads: number;
  readonly checkpointSeconds: number;
  readonly fingerprint?: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Asked at each report: the reports need the worker, too. */
  reports(): LeaseReports;
  /** Pulls the inputs that the store lacks; returns what that took. */
  pull(lease: OfferedLease, signal: AbortSignal): Promise<WireBytes>;
  /** Frees the disk: when there is no work, and now and then while that lease's stage runs. Never rejects. */
  tidy?(atWork?: OfferedLease): Promise<void>;
}

export const NO_BYTES: WireBytes = { dense: 0, masked: 0, had: 0, overhead: 0 };

interface Work {
  readonly lease: OfferedLease;
  readonly abort: AbortController;
  /** The hub does not want this any more. */
  cancelled: boolean;
  /** The stage has ended; the hub has not acknowledged its outcome yet. */
  handingIn: boolean;
  settled: Promise<void>;
}

export class LeaseWorker {
  private readonly parts: LeaseWorkerParts;
  private work: Work | undefined;
  /** The next stage waits for it: nothing is pulled while something is removed. */
  private tidying: Promise<void> = Promise.resolve();
  /** What the last stage has shown is being kept. */
  private remembered: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(parts: LeaseWorkerParts) {
    this.parts = parts;
  }

  /** The leases that are worked on, or whose outcome the hub has not acknowledged. */
  leases(): readonly string[] {
    return this.work && !this.work.cancelled ? [this.work.lease.leaseId] : [];
  }

  /**
   * Takes a lease on. Throws SERVICE_LEASE_BUSY while it works on another. One that was cancelled is waited for, and so
   * is one whose outcome is on its way: the hub offers the next stage before it acknowledges the last.
   */
  take(lease: OfferedLease): void {
    const { work } = this;
    if (work && !work.cancelled && work.lease.leaseId === lease.leaseId) return;
    if (work && !work.cancelled && !work.handingIn) {
      throw serviceError('SERVICE_LEASE_BUSY', {
        service: this.parts.service,
        running: work.lease.stage.kind,
      });
    }
    if (this.stopping) {
      throw serviceError('SERVICE_STOPPED', { service: this.parts.service, stage: lease.stage.kind });
    }
    const next: Work = {
      lease,
      abort: new AbortController(),
      cancelled: false,
      handingIn: false,
      settled: Promise.resolve(),
    };
    this.work = next;
    next.settled = this.process(next, work?.settled ?? this.tidying);
  }

  /** The hub takes a lease back. */
  cancel(leaseId: string, reason: string): void {
    if (this.work?.lease.leaseId !== leaseId) return;
    this.parts.logger.info('the hub takes a lease back', { leaseId, reason });
    this.work.cancelled = true;
    this.work.abort.abort();
  }

  /** Ends the work: the stage writes its checkpoint and stops. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.work?.abort.abort();
    await this.work?.settled;
    await this.tidying;
    await this.remembered;
  }

  /** Frees the disk while there is nothing to do. */
  tidyIdle(): void {
    if (!this.work && !this.stopping) this.tidying = this.parts.tidy?.() ?? Promise.resolve();
  }

  private async process(work: Work, before: Promise<void>): Promise<void> {
    const { clock } = this.parts;
    const reports = this.parts.reports();
    const { lease } = work;
    const renewals = setInterval(() => reports.renew(lease), Math.min(5_000, lease.ttlMs / 4));
    renewals.unref();
    try {
      await before;
      const outcome = await this.attempt(work, clock.monotonicMs());
      clearInterval(renewals);
      work.handingIn = true;
      if (!work.cancelled) await reports.outcome(lease, outcome);
    } finally {
      clearInterval(renewals);
      if (this.work === work) this.work = undefined;
      this.tidyIdle();
    }
  }

  /** Never rejects. */
  private async attempt({ lease, abort }: Work, startMs: number): Promise<LeaseOutcome> {
    const { runner, clock, logger } = this.parts;
    const { signal } = abort;
    try {
      signal.throwIfAborted();
      const wire = (await hasResult(lease.key, this.parts)) ? NO_BYTES : await this.parts.pull(lease, signal);
      this.compareEngines(lease);
      using progress = conflate<RunnerEvent>(
        (event) => this.parts.reports().event(lease, event),
        PROGRESS_INTERVAL_MS,
        { clock, after: afterMs },
      );
      const emit = (event: RunnerEvent): void => {
        if (event.type === 'progress') progress.push(event);
        else this.parts.reports().event(lease, event);
      };
      using memory = await this.remember(lease);
      const context: RunnerContext = { ...this.context(), emit, watcher: memory.watcher, signal };
      await using _tidying = this.tidyAtWork(lease);
      const { result, cached } = await runner.run(lease.stage, context);
      if (cached) {
        memory.recall();
        await this.parts.cache.touch(lease.key);
      }
      return { ok: true, result, cached, wire, seconds: (clock.monotonicMs() - startMs) / 1000 };
    } catch (error) {
      if (this.stopping) {
        const { service } = this.parts;
        const { code, message } = serviceError('SERVICE_STOPPED', { service, stage: lease.stage.kind });
        return { ok: false, code, message, retryable: true };
      }
      const problem = errorMessage(error);
      logger.warn('a stage has failed', {
        kind: lease.stage.kind,
        problem,
        stack: (error as Error | undefined)?.stack,
      });
      const known =
        errorCode(error) === undefined
          ? serviceError('SERVICE_STAGE_FAILED', { problem })
          : (error as EspalierError);
      const { code, message, retryable } = known;
      return { ok: false, code, message, retryable: retryable === true };
    }
  }

  /** What the lease's stage shows; until disposed. */
  private async remember(lease: OfferedLease): Promise<StageMemory & Disposable> {
    const { reports, shown: records, logger } = this.parts;
    const memory = await stageMemory(reports().watch(lease), { key: lease.key, records, logger });
    // The outcome does not wait for the disk.
    return { ...memory, [Symbol.dispose]: () => void (this.remembered = memory.close()) };
  }

  /** Until disposed, which waits for what has begun. */
  private tidyAtWork(lease: OfferedLease): AsyncDisposable {
    let last: Promise<void> = Promise.resolve();
    const timer = setInterval(() => {
      last = last.then(() => this.parts.tidy?.(lease));
    }, TIDY_INTERVAL_MS);
    timer.unref();
    return {
      [Symbol.asyncDispose]: () => {
        clearInterval(timer);
        return last;
      },
    };
  }

  private context(): Omit<RunnerContext, 'emit' | 'watcher' | 'signal'> {
    const { store, cache, logger, threads, checkpointSeconds } = this.parts;
    return { store, cache, logger, threads, checkpointSeconds };
  }

  /** The same bits are promised for one engine; going on with another is allowed, and recorded. */
  private compareEngines(lease: OfferedLease): void {
    const { fingerprint: expected } = lease.stage;
    const { fingerprint: actual } = this.parts;
    if (expected === undefined || actual === undefined || expected === actual) return;
    const text = `this stage was promised for the engine ${expected}, and runs on ${actual}: its bits may differ`;
    this.parts.reports().event(lease, { type: 'note', fields: { code: 'engine', text, expected, actual } });
  }
}

/** Is the stage's result in the cache, and what it made in the store? Then nothing is pulled for it. */
async function hasResult(
  key: Digest,
  { cache, store }: Pick<LeaseWorkerParts, 'cache' | 'store'>,
): Promise<boolean> {
  const found = (await cache.find(key)) as StageOutput | undefined | null;
  if (!found) return false;
  for (const { kind, digest } of Object.values(found.outputs)) {
    if (!(kind === 'snapshot' ? await store.hasSnapshot(digest) : await store.has(digest))) return false;
  }
  return true;
}
