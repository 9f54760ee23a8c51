/** How large the weights are that were kept. */
import type { LayerView } from '@espalier/protocol';
import type { Mask } from '@espalier/tensor';

export type Histogram = NonNullable<LayerView['histogram']>;
export type Codebook = NonNullable<LayerView['codebook']>;

/** Wide enough to see two humps and what lies beside them, few enough for a small message. */
const BARS = 100;
/** Of a larger layer a sample is looked at, spread over the whole: a histogram's form does not need every weight. */
const MAX_LOOKED_AT = 2 ** 22;

/**
 * Bars of one width from -m to m, m the largest magnitude, so that the hole that pruning leaves is in the middle. Removed weights
 * are left out. Undefined when nothing is kept. Of more than 4 million weights each n-th eight are looked at, and count n times.
 * @param weights row-major, like the mask
 * @param thresholds magnitudes below which weights were removed
 */
export function histogramOf(
  weights: Float32Array,
  mask: Mask,
  thresholds: readonly number[] = [],
): Histogram | undefined {
  const { bits } = mask;
  // Odd, so that it is in step with no row.
  const stride = Math.ceil(mask.size / MAX_LOOKED_AT) | 1;
  let isAnyKept = false;
  let largest = 0;
  for (let byte = 0; byte < bits.length; byte += stride) {
    let left = bits[byte];
    if (left === 0) continue;
    isAnyKept = true;
    for (let i = byte * 8; left !== 0; i++, left >>>= 1) {
      const magnitude = (left & 1) === 0 ? 0 : Math.abs(weights[i]);
      if (magnitude > largest) largest = magnitude;
    }
  }
  if (!isAnyKept) return undefined;
  const { to, perUnit, last } = barsUpTo(largest);
  const counts = new Uint32Array(BARS);
  for (let byte = 0; byte < bits.length; byte += stride) {
    let left = bits[byte];
    for (let i = byte * 8; left !== 0; i++, left >>>= 1) {
      if ((left & 1) !== 0) counts[Math.min(last, ((weights[i] + to) * perUnit) | 0)] += stride;
    }
  }
  return { from: -to, to, counts: [...counts], thresholds: [...thresholds] };
}

/** The same of weights that share values: `counts[i]` of them are `centroids[i]`. */
export function histogramOfShared({ centroids, counts }: Codebook): Histogram | undefined {
  const used = counts.map((count, i) => ({ count, value: centroids[i] })).filter(({ count }) => count > 0);
  if (used.length === 0) return undefined;
  const { to, perUnit, last } = barsUpTo(Math.max(...used.map(({ value }) => Math.abs(value))));
  const bars = new Array<number>(BARS).fill(0);
  for (const { count, value } of used) bars[Math.min(last, Math.floor((value + to) * perUnit))] += count;
  return { from: -to, to, counts: bars, thresholds: [] };
}

/** @param largest magnitude of all; zeros alone still need a width */
function barsUpTo(largest: number): { readonly to: number; readonly perUnit: number; readonly last: number } {
  const to = largest > 0 ? largest : 1;
  return { to, perUnit: BARS / (2 * to), last: BARS - 1 };
}
