import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock, type JsonValue } from '@espalier/base';
import { BlobStore, RecordStore } from '@espalier/store';
import { LeaseWorker, NO_BYTES, type LeaseOutcome, type OfferedLease } from './lease-worker';
import type { RunnerContext, RunnerEvent, StageOutput } from './stage-runner';

const RESULT: StageOutput = { outputs: {}, metrics: { error: 0.01 } };
const PULLED = { dense: 10, masked: 2, had: 3, overhead: 1 };

function lease(leaseId: string, more: Partial<OfferedLease['stage']> = {}): OfferedLease {
  const stage = { kind: 'train', config: {}, seed: 1, algorithm: 1, inputs: {}, ...more };
  return { leaseId, run: 'run-1', key: 'a'.repeat(64), stage, ttlMs: 60_000, sources: {} };
}

describe('the lease worker', () => {
  let dir: string;
  let store: BlobStore;
  let cache: RecordStore;
  let shown: RecordStore;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'espalier-worker-'));
    store = await BlobStore.open(join(dir, 'store'));
    cache = await RecordStore.open(join(dir, 'cache'));
    shown = await RecordStore.open(join(dir, 'shown'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  function worker(
    run: (context: RunnerContext) => Promise<StageOutput>,
    fingerprint?: string,
    tidy?: () => Promise<void>,
    cached = false,
  ) {
    const events: RunnerEvent[] = [];
    const told: string[] = [];
    const outcomes: (LeaseOutcome & { leaseId: string })[] = [];
    let wake: () => void = () => undefined;
    let pulls = 0;
    let acknowledged: Promise<void> = Promise.resolve();
    const made = new LeaseWorker({
      service: 'trainer-1',
      store,
      cache,
      shown,
      runner: { run: async (_spec, context) => ({ result: await run(context), cached }) },
      threads: 1,
      checkpointSeconds: 5,
      fingerprint,
      tidy,
      logger: silentLogger,
      clock: systemClock,
      reports: () => ({
        renew: () => undefined,
        event: (_lease, event) => void events.push(event),
        watch: () => ({ points: (name) => void told.push(name), view: () => undefined }),
        outcome: async ({ leaseId }, outcome) => {
          outcomes.push({ leaseId, ...outcome });
          wake();
          await acknowledged;
        },
      }),
      pull: async () => {
        pulls += 1;
        return PULLED;
      },
    });
    const outcome = async (count = 1): Promise<(typeof outcomes)[number]> => {
      while (outcomes.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return outcomes[count - 1];
    };
    const acknowledgeWhen = (until: Promise<void>): void => void (acknowledged = until);
    return { made, events, told, outcomes, outcome, pulls: () => pulls, acknowledgeWhen };
  }

  /** A stage that runs until it is told to stop. */
  const untilAborted = ({ signal }: RunnerContext): Promise<never> =>
    new Promise((_resolve, reject) => {
      const stop = (): void => reject(Object.assign(new Error('stopped'), { code: 'STAGE_CANCELLED' }));
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    });

  it('pulls, runs and hands the result in with what it pulled', async () => {
    const { made, outcome, pulls } = worker(async () => RESULT);
    made.take(lease('lease-1'));
    expect(await outcome()).toMatchObject({ ok: true, result: RESULT, wire: PULLED, cached: false });
    expect(pulls()).toBe(1);
  });

  it('pulls nothing for a stage whose result is here', async () => {
    await cache.put('a'.repeat(64), RESULT as unknown as JsonValue);
    const { made, outcome, pulls } = worker(async () => RESULT);
    made.take(lease('lease-1'));
    expect(await outcome()).toMatchObject({ ok: true, wire: NO_BYTES });
    expect(pulls()).toBe(0);
  });

  it('shows the figures of a stage again when its result is here', async () => {
    const first = worker(async ({ watcher }) => {
      watcher.points('loss', [1, 2], [2, 1]);
      return RESULT;
    });
    first.made.take(lease('lease-1'));
    await first.outcome();
    await first.made.stop();
    expect(first.told).toEqual(['loss']);
    const later = worker(async () => RESULT, undefined, undefined, true);
    later.made.take(lease('lease-2'));
    expect(await later.outcome()).toMatchObject({ cached: true });
    expect(later.told).toEqual(['loss']);
  });

  it('pulls again when what the result names has gone from the store', async () => {
    const gone = { outputs: { artifact: { kind: 'blob', digest: 'b'.repeat(64) } }, metrics: {} };
    await cache.put('a'.repeat(64), gone);
    const { made, outcome, pulls } = worker(async () => RESULT);
    made.take(lease('lease-1'));
    await outcome();
    expect(pulls()).toBe(1);
  });

  it('refuses a second lease while it works on one', async () => {
    const { made } = worker(untilAborted);
    made.take(lease('lease-1'));
    expect(() => made.take(lease('lease-2'))).toThrow(/SERVICE_LEASE_BUSY/);
    expect(made.leases()).toEqual(['lease-1']);
    made.take(lease('lease-1'));
    await made.stop();
  });

  it('takes the next lease while the outcome of the one before is on its way, and begins when that is there', async () => {
    const order: string[] = [];
    let acknowledge: () => void = () => undefined;
    const { made, outcome, acknowledgeWhen } = worker(async () => {
      order.push('run');
      return RESULT;
    });
    const acknowledged = new Promise<void>((resolve) => (acknowledge = resolve));
    acknowledgeWhen(acknowledged.then(() => void order.push('acknowledged')));
    made.take(lease('lease-1'));
    await outcome();
    expect(made.leases()).toEqual(['lease-1']);
    made.take(lease('lease-2'));
    expect(made.leases()).toEqual(['lease-2']);
    expect(() => made.take(lease('lease-3'))).toThrow(/SERVICE_LEASE_BUSY/);
    acknowledge();
    expect(await outcome(2)).toMatchObject({ leaseId: 'lease-2', ok: true });
    expect(order).toEqual(['run', 'acknowledged', 'run']);
  });

  it('takes the next lease when the one before was taken back, and says nothing about that one', async () => {
    let begun: () => void = () => undefined;
    const firstRuns = new Promise<void>((resolve) => (begun = resolve));
    let runs = 0;
    const { made, outcome, outcomes } = worker((context) => {
      if (++runs === 2) return Promise.resolve(RESULT);
      begun();
      return untilAborted(context);
    });
    made.take(lease('lease-1'));
    await firstRuns;
    made.cancel('lease-1', 'paused');
    expect(made.leases()).toEqual([]);
    made.take(lease('lease-2'));
    await outcome();
    expect(outcomes.map(({ leaseId }) => leaseId)).toEqual(['lease-2']);
  });

  it('tells a failure with its code, and one without a code as a defect', async () => {
    const known = Object.assign(new Error('diverged'), { code: 'TENSOR_NOT_FINITE', retryable: false });
    const { made, outcome } = worker(() => Promise.reject(known));
    made.take(lease('lease-1'));
    expect(await outcome()).toMatchObject({ ok: false, code: 'TENSOR_NOT_FINITE', retryable: false });

    const second = worker(() => Promise.reject(new TypeError('x is not a function')));
    second.made.take(lease('lease-2'));
    expect(await second.outcome()).toMatchObject({
      ok: false,
      code: 'SERVICE_STAGE_FAILED',
      retryable: false,
    });
  });

  it('ends its stage when the service leaves, and says that another may go on', async () => {
    const { made, outcomes } = worker(untilAborted);
    made.take(lease('lease-1'));
    await made.stop();
    expect(outcomes).toMatchObject([{ ok: false, code: 'SERVICE_STOPPED', retryable: true }]);
    expect(() => made.take(lease('lease-2'))).toThrow(/SERVICE_STOPPED/);
  });

  it('goes on with another engine than was promised, and records it', async () => {
    const { made, outcome, events } = worker(async () => RESULT, 'native avx2');
    made.take(lease('lease-1', { fingerprint: 'native avx512' }));
    expect(await outcome()).toMatchObject({ ok: true });
    expect(events).toMatchObject([
      { type: 'note', fields: { code: 'engine', expected: 'native avx512', actual: 'native avx2' } },
    ]);
  });

  it('frees the disk when there is no work, and pulls nothing meanwhile', async () => {
    let end: () => void = () => undefined;
    const tidied = jest.fn(() => new Promise<void>((resolve) => (end = resolve)));
    const { made, outcome, outcomes, pulls } = worker(async () => RESULT, undefined, tidied);
    made.take(lease('lease-1'));
    await outcome();
    while (tidied.mock.calls.length === 0) await new Promise(setImmediate);
    made.take(lease('lease-2'));
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    expect([pulls(), outcomes.length]).toEqual([1, 1]);
    end();
    await outcome(2);
    expect(pulls()).toBe(2);
    while (tidied.mock.calls.length === 1) await new Promise(setImmediate);
    end();
  });

  it('conflates progress and keeps everything else', async () => {
    const { made, outcome, events } = worker(async ({ emit }) => {
      for (let step = 1; step <= 1000; step++) emit({ type: 'progress', fields: { step } });
      emit({ type: 'layers', fields: { layers: [] } });
      return RESULT;
    });
    made.take(lease('lease-1'));
    await outcome();
    const steps = events.flatMap(({ type, fields }) => (type === 'progress' ? [fields['step']] : []));
    expect(steps.length).toBeLessThan(20);
    expect([steps[0], steps.at(-1)]).toEqual([1, 1000]);
    expect(events.filter(({ type }) => type === 'layers')).toHaveLength(1);
  });
});
