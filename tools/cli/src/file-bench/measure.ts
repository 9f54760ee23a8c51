/** Latency and answers of runtimes on the same images. */
import type { Samples } from '@espalier/datasets';
import type { Runtime } from './runtimes';

export interface TimingOptions {
  readonly batches: readonly number[];
  readonly rounds: number;
  /** Of each runtime and batch in each round; a quarter more goes before it, which is not counted. */
  readonly seconds: number;
  readonly samples: number;
  now(): number;
  progress(text: string): void;
}

const MIN_CALLS = 5;

/**
 * Microseconds a call, by runtime and batch: of each round the median, of those the median. Within a round the runtimes take
 * turns, so that a machine that is busy for a while is so for all.
 */
export async function timeRuntimes(
  runtimes: readonly Runtime[],
  options: TimingOptions,
): Promise<readonly ReadonlyMap<number, number>[]> {
  const { batches, rounds } = options;
  const medians = runtimes.map(() => new Map(batches.map((batch) => [batch, [] as number[]])));
  for (let round = 0; round < rounds; round++) {
    options.progress(`round ${round + 1} of ${rounds}`);
    for (const batch of batches) {
      for (const [i, runtime] of runtimes.entries()) {
        medians[i].get(batch)?.push(await timeCalls(runtime, batch, options));
      }
    }
  }
  return medians.map((ofRuntime) => new Map([...ofRuntime].map(([batch, us]) => [batch, median(us)])));
}

async function timeCalls(
  runtime: Runtime,
  batch: number,
  { seconds, samples, now }: TimingOptions,
): Promise<number> {
  const places = Math.floor(samples / batch);
  const times: number[] = [];
  const begin = now();
  let warm = 0;
  for (let i = 0; ; i++) {
    const from = now();
    const answer = runtime.answer((i % places) * batch, batch);
    if (answer instanceof Promise) await answer;
    const to = now();
    // At least one call is not counted.
    if (i > 0 && to - begin > 250 * seconds) times.push((to - from) * 1000);
    else warm = to - begin;
    if (times.length >= MIN_CALLS && to - begin - warm > 1000 * seconds) return median(times);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export interface Answers {
  /** The answer to each image. */
  readonly best: Int32Array;
  /** [count, classes] */
  readonly logits: Float32Array;
  /** Share of wrong answers. */
  readonly error: number;
}

/** Answers to all images, `batch` at a time. */
export async function answersOf(
  runtime: Runtime,
  batch: number,
  { labels, count }: Pick<Samples, 'labels' | 'count'>,
): Promise<Answers> {
  let logits = new Float32Array(0);
  for (let first = 0; first < count; first += batch) {
    // The last images may not fill a batch: it is filled up with those before.
    const from = Math.min(first, count - batch);
    const part = await runtime.answer(from, batch);
    const classes = part.length / batch;
    if (first === 0) logits = new Float32Array(count * classes);
    logits.set(part, from * classes);
  }
  const classes = logits.length / count;
  const best = Int32Array.from({ length: count }, (_, i) =>
    largestAt(logits.subarray(i * classes, (i + 1) * classes)),
  );
  let wrong = 0;
  for (let i = 0; i < count; i++) if (best[i] !== labels[i]) wrong++;
  return { best, logits, error: wrong / count };
}

function largestAt(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

export interface Comparison {
  readonly compared: number;
  /** Images that are answered otherwise. */
  readonly differing: number;
  /** Between two logits, relative to the largest logit. */
  readonly largestDifference: number;
}

export function compareAnswers(actual: Answers, expected: Answers): Comparison {
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.logits.length; i++) {
    largest = Math.max(largest, Math.abs(expected.logits[i]));
    difference = Math.max(difference, Math.abs(expected.logits[i] - actual.logits[i]));
  }
  return {
    compared: expected.best.length,
    differing: expected.best.reduce((sum, answer, i) => sum + (actual.best[i] === answer ? 0 : 1), 0),
    largestDifference: difference / (largest || 1),
  };
}
