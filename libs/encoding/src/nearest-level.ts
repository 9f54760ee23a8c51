/** To each weight the code of its nearest level: a table over the upper half of a float's bits answers for most of them. */
import type { SharedWeights } from './shared-weights';

/** From so many weights on the table is worth its making. */
const TABLE_FROM = 2 ** 17;
const PREFIXES = 2 ** 16;

/**
 * Each weight that is not 0 with the code of its nearest level; halfway belongs to the lower one. `codebook` ascends. Empty
 * codebook: every weight is removed.
 */
export function assignNearest(weights: Float32Array, codebook: Float32Array): SharedWeights {
  const bounds = midpoints(codebook);
  const codes = new Uint16Array(weights.length);
  if (codebook.length === 0) return { codes, codebook };
  if (weights.length >= TABLE_FROM) assignByTable(weights, bounds, codes);
  else {
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i];
      if (weight !== 0) codes[i] = firstNotBelow(bounds, weight, { low: 0, high: bounds.length }) + 1;
    }
  }
  return { codes, codebook };
}

/** Halfway between neighbours, in double precision. */
export function midpoints(levels: Float32Array | Float64Array): Float64Array {
  const bounds = new Float64Array(Math.max(0, levels.length - 1));
  for (let k = 0; k < bounds.length; k++) bounds[k] = (levels[k] + levels[k + 1]) / 2;
  return bounds;
}

function assignByTable(weights: Float32Array, bounds: Float64Array, codes: Uint16Array): void {
  const words = new Uint32Array(weights.buffer, weights.byteOffset, weights.length);
  const { low, high } = tableOf(bounds);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i];
    if (weight === 0) continue;
    const prefix = words[i] >>> 16;
    const from = low[prefix];
    const to = high[prefix];
    codes[i] = (from === to ? from : firstNotBelow(bounds, weight, { low: from, high: to })) + 1;
  }
}

/** For all floats that begin with the same 16 bits: the least and the greatest answer of `firstNotBelow`. */
function tableOf(bounds: Float64Array): { readonly low: Uint16Array; readonly high: Uint16Array } {
  const low = new Uint16Array(PREFIXES);
  const high = new Uint16Array(PREFIXES);
  const ends = new Float32Array(2);
  const words = new Uint32Array(ends.buffer);
  const all = { low: 0, high: bounds.length };
  for (let prefix = 0; prefix < PREFIXES; prefix++) {
    words[0] = prefix << 16;
    words[1] = (prefix << 16) | 0xffff;
    // A prefix of NaNs has no answer, and no weight.
    if (Number.isNaN(ends[0]) || Number.isNaN(ends[1])) continue;
    const [first, second] = [firstNotBelow(bounds, ends[0], all), firstNotBelow(bounds, ends[1], all)];
    low[prefix] = Math.min(first, second);
    high[prefix] = Math.max(first, second);
  }
  return { low, high };
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** First index in the range whose bound is not below `value`; `high` when there is none. */
function firstNotBelow(bounds: Float64Array, value: number, { low, high }: Range): number {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle] >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}
