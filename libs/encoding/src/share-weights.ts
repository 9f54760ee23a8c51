/**
 * Weight sharing by k-means over the survivors of one layer (DC16 section 3). In one dimension Lloyd's algorithm needs only
 * the sorted survivors and their running sums: a cluster is a range of them, a centroid a difference of two sums, and an
 * iteration costs `levels` binary searches however many weights there are.
 */
import type { Random } from '@espalier/base';
import { encodingError } from './errors';
import { assignNearest, midpoints } from './nearest-level';
import { RunningSums } from './running-sums';
import { MAX_LEVELS, normaliseShared, type SharedWeights } from './shared-weights';
import { sortSurvivors } from './sort-survivors';

/**
 * DC16 section 3.2. `linear`: evenly between min and max (best there, as it keeps the rare large weights); `density`: evenly
 * over the survivors, i.e. quantiles; `random`: survivors drawn by `random`; `blend`: the mean of linear and density.
 */
export type CentroidStart = 'linear' | 'density' | 'random' | 'blend';

export interface ShareOptions {
  /** Most centroids, 2^bits in DC16; fewer come back when there are fewer different weights. */
  readonly levels: number;
  readonly start?: CentroidStart;
  /** For start `random` only. */
  readonly random?: Random;
  /** Stop after this many iterations of Lloyd (default 100,000; convergence takes some 20 to 3,000, more for more weights). */
  readonly maxIterations?: number;
}

/** Far beyond what convergence takes, even for 10^8 weights; a bound, not a setting. */
const MAX_ITERATIONS = 100_000;

/**
 * Clusters the weights that are not 0 (neither +0 nor -0) and gives each the code of its nearest centroid; a weight halfway
 * between two belongs to the lower. Lloyd runs until no weight changes its cluster. An empty cluster splits the cluster with
 * the largest squared error in two. Throws ENCODING_OPTION, ENCODING_NOT_FINITE.
 */
export function shareWeights(weights: Float32Array, options: ShareOptions): SharedWeights {
  checkLevels(options.levels);
  const sorted = sortSurvivors(weights);
  const centroids = sorted.length === 0 ? new Float64Array(0) : cluster(sorted, options);
  return normaliseShared(assignNearest(weights, Float32Array.from(centroids)));
}

function cluster(sorted: Float32Array, options: ShareOptions): Float64Array {
  const distinct = distinctValues(sorted, options.levels);
  if (distinct) return distinct;
  const sums = new RunningSums(sorted);
  let centroids: Float64Array = startingCentroids(sorted, options);
  let ends: Float64Array = new Float64Array(0);
  for (let iteration = 0; ; iteration++) {
    const next = clusterEnds(sorted, centroids);
    const settled = sameNumbers(next, ends);
    const splits = settled ? splitForEmpty(sorted, sums, next) : undefined;
    if ((settled && !splits) || iteration >= (options.maxIterations ?? MAX_ITERATIONS)) {
      return centroids.filter((_, k) => next[k] > (k === 0 ? 0 : next[k - 1]));
    }
    ends = next;
    centroids = splits ?? means(centroids, sums, ends);
  }
}

/** All values when there are no more of them than levels: then sharing costs nothing. */
function distinctValues(sorted: Float32Array, levels: number): Float64Array | undefined {
  const values: number[] = [];
  for (let i = 0; i < sorted.length; i++) {
    if (i > 0 && sorted[i] === sorted[i - 1]) continue;
    if (values.length === levels) return undefined;
    values.push(sorted[i]);
  }
  return Float64Array.from(values);
}

function startingCentroids(sorted: Float32Array, options: ShareOptions): Float64Array {
  const { levels, start = 'linear', random } = options;
  const low = sorted[0];
  const high = sorted[sorted.length - 1];
  const linear = (k: number): number =>
    levels === 1 ? (low + high) / 2 : low + ((high - low) * k) / (levels - 1);
  const density = (k: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(((k + 0.5) * sorted.length) / levels))];
  const at = (k: number): number => {
    switch (start) {
      case 'linear':
        return linear(k);
      case 'density':
        return density(k);
      case 'blend':
        return (linear(k) + density(k)) / 2;
      case 'random':
        if (!random) throw option('random', 'a seeded generator for start "random"', 'missing');
        return sorted[random.below(sorted.length)];
    }
  };
  return Float64Array.from({ length: levels }, (_, k) => at(k)).sort();
}

/** ends[k]: how many survivors lie in clusters 0..k; cluster k is sorted[ends[k - 1] .. ends[k]). */
function clusterEnds(sorted: Float32Array, centroids: Float64Array): Float64Array {
  const bounds = midpoints(centroids);
  const ends = new Float64Array(centroids.length).fill(sorted.length);
  for (let k = 0; k < bounds.length; k++) {
    ends[k] = firstAbove(sorted, bounds[k], k === 0 ? 0 : ends[k - 1]);
  }
  return ends;
}

/** The mean of each cluster; an empty one keeps its centroid. */
function means(centroids: Float64Array, sums: RunningSums, ends: Float64Array): Float64Array {
  return centroids.map((old, k) => {
    const from = k === 0 ? 0 : ends[k - 1];
    return ends[k] > from ? sums.mean(from, ends[k]) : old;
  });
}

/**
 * New centroids in which each empty cluster has taken the upper half of the worst cluster, or undefined when none is empty.
 * The total error falls with every split, so this ends. A cluster that nothing can be taken for is dropped.
 */
function splitForEmpty(
  sorted: Float32Array,
  sums: RunningSums,
  ends: Float64Array,
): Float64Array | undefined {
  const ranges = Array.from(ends, (end, k) => ({ from: k === 0 ? 0 : ends[k - 1], end }));
  const filled = ranges
    .filter(({ from, end }) => end > from)
    .map((range) => ({ ...range, error: squaredError(sorted, sums, range) }));
  let empty = ranges.length - filled.length;
  if (empty === 0) return undefined;
  while (empty > 0) {
    const worst = filled.reduce((best, range) => (range.error > best.error ? range : best));
    if (worst.error === 0) break;
    const mean = sums.mean(worst.from, worst.end);
    const middle = firstAbove(sorted, mean, worst.from);
    const halves = [
      { from: worst.from, end: middle },
      { from: middle, end: worst.end },
    ].filter(({ from, end }) => end > from);
    if (halves.length < 2) break;
    filled.splice(
      filled.indexOf(worst),
      1,
      ...halves.map((half) => ({ ...half, error: squaredError(sorted, sums, half) })),
    );
    empty--;
  }
  return Float64Array.from(filled, ({ from, end }) => sums.mean(from, end));
}

function squaredError(
  sorted: Float32Array,
  sums: RunningSums,
  { from, end }: { readonly from: number; readonly end: number },
): number {
  const mean = sums.mean(from, end);
  let error = 0;
  for (let i = from; i < end; i++) error += (sorted[i] - mean) ** 2;
  return sorted[from] === sorted[end - 1] ? 0 : error;
}

/** First index from `from` on whose value is above `bound`. */
function firstAbove(sorted: Float32Array, bound: number, from: number): number {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (sorted[middle] > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function checkLevels(levels: number): void {
  if (Number.isInteger(levels) && levels >= 1 && levels <= MAX_LEVELS) return;
  throw option('levels', `a whole number from 1 to ${MAX_LEVELS}`, levels);
}

function option(name: string, expected: string, actual: string | number): Error {
  return encodingError('ENCODING_OPTION', { option: name, expected, actual });
}
