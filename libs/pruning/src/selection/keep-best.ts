/**
 * Exact selection in O(n) without sorting or copying: the k-th largest score is found digit by digit (radix selection on
 * the bits of the floats, 16 at a time), so 10^8 weights need two histograms of 65,536 counts.
 */
import { Mask } from '@espalier/tensor';

/** The groups among which is chosen: those of one tensor. */
export interface Candidates {
  /** [groups], finite. */
  readonly scores: Float32Array;
  /** [groups]; a group outside it is no candidate and stays removed. Absent: all are. */
  readonly eligible?: Mask;
}

export interface Best {
  /** The groups kept, one mask of shape [groups] for each set. */
  readonly masks: Mask[];
  /** The smallest score that is kept; the largest score there is when nothing is kept; 0 without candidates. */
  readonly threshold: number;
}

/**
 * Keeps the `count` candidates with the largest scores over all sets together, or all when there are fewer. Among equal
 * scores the one in the earlier set, then with the lower index, is kept.
 */
export function keepBest(sets: readonly Candidates[], count: number): Best {
  const masks = sets.map(({ scores }) => Mask.empty([scores.length]));
  const available = sets.reduce((sum, set) => sum + countEligible(set), 0);
  if (available === 0) return { masks, threshold: 0 };
  const kept = Math.min(count, available);
  const threshold = kthLargest(sets, Math.max(kept, 1));
  if (kept === 0) return { masks, threshold };

  let ties = kept - countAbove(sets, threshold);
  sets.forEach(({ scores, eligible }, s) => {
    for (let i = 0; i < scores.length; i++) {
      if (eligible && !eligible.get(i)) continue;
      if (scores[i] > threshold || (scores[i] === threshold && ties-- > 0)) masks[s].set(i, true);
    }
  });
  return { masks, threshold };
}

/** Keeps every candidate whose score is at least `threshold`: |w| < threshold is removed (HAN15 section 3). */
export function keepFrom({ scores, eligible }: Candidates, threshold: number): Mask {
  const mask = Mask.empty([scores.length]);
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] >= threshold && (!eligible || eligible.get(i))) mask.set(i, true);
  }
  return mask;
}

/** The k-th largest score, k from 1 to the number of candidates. */
function kthLargest(sets: readonly Candidates[], k: number): number {
  const high = new Uint32Array(65536);
  for (const set of sets) eachKey(set, (key) => high[key >>> 16]++);
  const upper = digitOf(high, k);
  const low = new Uint32Array(65536);
  for (const set of sets) eachKey(set, (key) => (key >>> 16 === upper.digit ? low[key & 0xffff]++ : 0));
  const key = ((upper.digit << 16) | digitOf(low, upper.rest).digit) >>> 0;
  return scoreOf(key);
}

/** The digit in which the k-th from above falls, and which one of that digit's it is. */
function digitOf(histogram: Uint32Array, k: number): { readonly digit: number; readonly rest: number } {
  let rest = k;
  for (let digit = 65535; digit > 0; digit--) {
    if (histogram[digit] >= rest) return { digit, rest };
    rest -= histogram[digit];
  }
  return { digit: 0, rest };
}

/** Calls with a whole number for each candidate that is ordered as its score; -0 comes just below 0, which changes nothing. */
function eachKey({ scores, eligible }: Candidates, visit: (key: number) => void): void {
  const words = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  for (let i = 0; i < words.length; i++) {
    if (eligible && !eligible.get(i)) continue;
    const word = words[i];
    visit((word & 0x80000000 ? ~word : word | 0x80000000) >>> 0);
  }
}

function scoreOf(key: number): number {
  const word = new Uint32Array([key & 0x80000000 ? key & 0x7fffffff : ~key]);
  return new Float32Array(word.buffer)[0];
}

function countEligible({ scores, eligible }: Candidates): number {
  return eligible ? eligible.count() : scores.length;
}

function countAbove(sets: readonly Candidates[], threshold: number): number {
  let count = 0;
  for (const { scores, eligible } of sets) {
    for (let i = 0; i < scores.length; i++) {
      if (scores[i] > threshold && (!eligible || eligible.get(i))) count++;
    }
  }
  return count;
}
