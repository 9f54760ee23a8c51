/**
 * Weights in order, by radix: 10^8 of them in a few seconds. The bits of a float, turned so that they order like the
 * number, are spread over 2,048 bins by sign, exponent and two bits of the mantissa; each bin is then sorted by the other
 * 21 bits. Beside the result that takes memory for one bin only.
 */
import { encodingError } from './errors';

/** Sign, exponent and the first bits of the mantissa. */
const BIN_BITS = 11;
const BINS = 2 ** BIN_BITS;
const BIN_SHIFT = 32 - BIN_BITS;
/** The 21 bits below, in two digits. */
const LOW_BITS = 11;
const LOW_MASK = 2 ** LOW_BITS - 1;
const MIDDLE_MASK = 2 ** (BIN_SHIFT - LOW_BITS) - 1;

/** Below this a comparison sort is faster than clearing histograms. */
const SMALL = 4096;

/** Keys of infinities and NaNs fall into the first and the last of these many bins. */
const NOT_FINITE_BINS = 2 ** (BIN_BITS - 9);

/** The weights that are not 0 (neither +0 nor -0), ascending. Throws ENCODING_NOT_FINITE. */
export function sortSurvivors(weights: Float32Array): Float32Array {
  const words = new Int32Array(weights.buffer, weights.byteOffset, weights.length);
  const counts = countBins(words);
  if (anyNotFinite(counts)) throw notFinite(weights);
  let survivors = 0;
  let largest = 0;
  const ends = counts.map((count) => {
    largest = Math.max(largest, count);
    return (survivors += count);
  });
  const keys = new Int32Array(survivors);
  spread(words, keys, ends);
  const spare = new Int32Array(largest >= SMALL ? largest : 0);
  // `spread` filled each bin from its end, so that `ends` are starts by now.
  for (let bin = 0; bin < BINS; bin++) {
    if (counts[bin] > 1) sortBin(keys.subarray(ends[bin], ends[bin] + counts[bin]), spare);
  }
  for (let i = 0; i < keys.length; i++) keys[i] = wordOf(keys[i]);
  return new Float32Array(keys.buffer);
}

function countBins(words: Int32Array): Uint32Array {
  const counts = new Uint32Array(BINS);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word << 1 !== 0) counts[keyOf(word) >>> BIN_SHIFT]++;
  }
  return counts;
}

function spread(words: Int32Array, keys: Int32Array, ends: Uint32Array): void {
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word << 1 === 0) continue;
    const key = keyOf(word);
    keys[--ends[key >>> BIN_SHIFT]] = key;
  }
}

/** All keys of a bin are alike in their upper bits, so signed order is order. */
function sortBin(keys: Int32Array, spare: Int32Array): void {
  if (keys.length < SMALL) {
    keys.sort();
    return;
  }
  const low = new Uint32Array(LOW_MASK + 1);
  const middle = new Uint32Array(MIDDLE_MASK + 1);
  for (let i = 0; i < keys.length; i++) {
    low[keys[i] & LOW_MASK]++;
    middle[(keys[i] >>> LOW_BITS) & MIDDLE_MASK]++;
  }
  toStarts(low);
  toStarts(middle);
  for (let i = 0; i < keys.length; i++) spare[low[keys[i] & LOW_MASK]++] = keys[i];
  for (let i = 0; i < keys.length; i++) {
    const key = spare[i];
    keys[middle[(key >>> LOW_BITS) & MIDDLE_MASK]++] = key;
  }
}

function toStarts(counts: Uint32Array): void {
  let start = 0;
  for (let digit = 0; digit < counts.length; digit++) {
    const count = counts[digit];
    counts[digit] = start;
    start += count;
  }
}

/** As an unsigned number it orders like the float whose bits `word` is. */
function keyOf(word: number): number {
  return word ^ ((word >> 31) | 0x80000000);
}

function wordOf(key: number): number {
  return key ^ (~(key >> 31) | 0x80000000);
}

function anyNotFinite(counts: Uint32Array): boolean {
  return [...counts.subarray(0, NOT_FINITE_BINS), ...counts.subarray(BINS - NOT_FINITE_BINS)].some(
    (count) => count > 0,
  );
}

function notFinite(weights: Float32Array): Error {
  const index = weights.findIndex((value) => !Number.isFinite(value));
  return encodingError('ENCODING_NOT_FINITE', { name: 'weights', value: weights[index], index });
}
