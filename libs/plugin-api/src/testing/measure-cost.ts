/**
 * Time and memory of a contribution. No time is a limit, as machines differ and are busy with other things: what counts is how the
 * work grows. A weight of a large layer may cost 6 times what one of a small layer does; n log n stays far below that, n^2 comes to 16.
 */
import { Random } from '@espalier/base';
import { wrong, type Cost } from './check';
import { normals, type WeightCase } from './weight-cases';

/** The name of the check. */
export const COST = 'costs in proportion to the size of the layer, and keeps nothing';

const SMALL = [32, 32] as const;
/** Large enough to tell n^2 by, small enough that n^2 ends. */
const LARGE = [128, 128] as const;
/** Calls with the small layer that go over as many weights as one with the large. */
const SMALL_CALLS = 16;
const MAX_GROWTH = 6;
const REPEATS = { least: 2, most: 25 } as const;
/** What is slow is repeated less often. */
const MAX_MEASURED_MS = 500;
const CALLS_FOR_MEMORY = 100;
/** Of what keeping one tensor a call would come to. */
const MAX_KEPT_SHARE = 0.5;

/** @param prepare everything but the call itself, which it returns */
export async function measureCost(
  seed: number,
  prepare: (layer: WeightCase) => () => unknown,
): Promise<Cost> {
  const [small, large] = [SMALL, LARGE].map((shape) => prepare(plainLayer(shape, seed)));
  const milliseconds = { small: Infinity, large: Infinity };
  const from = cpuMs();
  for (let i = 0; i < REPEATS.most && (i < REPEATS.least || cpuMs() - from < MAX_MEASURED_MS); i++) {
    milliseconds.small = Math.min(milliseconds.small, await timed(small, SMALL_CALLS));
    milliseconds.large = Math.min(milliseconds.large, await timed(large, 1));
  }
  const growth = milliseconds.large / milliseconds.small;
  const weights = LARGE[0] * LARGE[1];
  if (growth > MAX_GROWTH) {
    wrong(
      `a weight costs ${growth.toFixed(1)} times as much in a layer of ${weights} as in one of a sixteenth`,
    );
  }
  const kept = await keptAfter(large);
  if (kept && kept.bytes > MAX_KEPT_SHARE * kept.calls * 4 * weights) {
    wrong(`${kept.calls} calls with ${weights} weights left ${(kept.bytes / 1e6).toFixed(1)} MB behind`);
  }
  const keptBytes = kept && Math.round(kept.bytes / kept.calls);
  return {
    weights,
    milliseconds: milliseconds.large,
    growth,
    ...(keptBytes !== undefined && { keptBytes }),
  };
}

function plainLayer(shape: readonly number[], seed: number): WeightCase {
  const weights = normals(shape[0] * shape[1], 0.1, new Random(seed, 'cost'));
  return { what: 'cost', shape, weights, gradientScale: 1 };
}

async function timed(call: () => unknown, times: number): Promise<number> {
  const from = cpuMs();
  for (let i = 0; i < times; i++) await call();
  // A clock that did not move says less than its smallest step.
  return Math.max(cpuMs() - from, 1e-3);
}

/** How much more memory is used after some calls, all garbage collected; undefined where that cannot be asked for. */
async function keptAfter(
  call: () => unknown,
): Promise<{ readonly bytes: number; readonly calls: number } | undefined> {
  const { gc } = globalThis as { readonly gc?: () => void };
  if (!gc) return undefined;
  const before = await settledBytes(gc);
  const from = cpuMs();
  let calls = 0;
  while (calls < CALLS_FOR_MEMORY && (calls < 2 || cpuMs() - from < MAX_MEASURED_MS)) {
    await call();
    calls++;
  }
  return { bytes: Math.max(0, (await settledBytes(gc)) - before), calls };
}

/** Array buffers are given back in the background, after the collection that found them: the least of some looks counts. */
async function settledBytes(gc: () => void): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 4; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 1));
    least = Math.min(least, usedBytes());
  }
  return least;
}

/** Processor time of this process: others on the machine do not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
