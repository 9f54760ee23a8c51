/**
 * The relative index of DC16 section 2: instead of where a survivor stands, how far it is from the one before. A gap of g
 * means that g - 1 removed weights lie in between; it is stored as g - 1 in `bits` bits. Where a gap is longer than
 * 2^bits, a filler (a stored zero) is put after every 2^bits weights (DC16 figure 2).
 */
import { encodingError } from './errors';

/** DC16 section 2: 8 bits a gap in convolutions, 5 bits in fully connected layers. */
export const GAP_BITS = { conv: 8, dense: 5 } as const;

export interface RelativeIndex {
  /** Weights in the tensor. */
  readonly size: number;
  readonly bits: number;
  /** gap - 1 of each entry, 0 .. 2^bits - 1. */
  readonly gaps: Uint16Array;
  /** The code of each entry; 0 marks a filler. */
  readonly codes: Uint16Array;
}

/**
 * Lists the codes that are not 0, in row-major order, each with the gap to the one before (the first one's gap counts from
 * index -1). `bits` is 1 to 16. Throws ENCODING_OPTION.
 */
export function encodeRelativeIndex(codes: Uint16Array, bits: number): RelativeIndex {
  const span = spanOf(bits);
  const entries = countEntries(codes, span);
  const gaps = new Uint16Array(entries);
  const kept = new Uint16Array(entries);
  let entry = 0;
  let last = -1;
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] === 0) continue;
    while (i - last > span) {
      gaps[entry++] = span - 1;
      last += span;
    }
    gaps[entry] = i - last - 1;
    kept[entry++] = codes[i];
    last = i;
  }
  return { size: codes.length, bits, gaps, codes: kept };
}

/** The codes back, 0 where a weight was removed. Throws ENCODING_STREAM when an entry lies beyond the end. */
export function decodeRelativeIndex(index: RelativeIndex): Uint16Array {
  const codes = new Uint16Array(index.size);
  let at = -1;
  for (let entry = 0; entry < index.gaps.length; entry++) {
    at += index.gaps[entry] + 1;
    if (at >= index.size) {
      const problem = `entry ${entry} stands at ${at}, but there are ${index.size} weights`;
      throw encodingError('ENCODING_STREAM', { what: 'a relative index', problem });
    }
    codes[at] = index.codes[entry];
  }
  return codes;
}

function countEntries(codes: Uint16Array, span: number): number {
  let entries = 0;
  let last = -1;
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] === 0) continue;
    entries += Math.ceil((i - last) / span);
    last = i;
  }
  return entries;
}

function spanOf(bits: number): number {
  if (Number.isInteger(bits) && bits >= 1 && bits <= 16) return 2 ** bits;
  throw encodingError('ENCODING_OPTION', {
    option: 'gapBits',
    expected: 'a whole number from 1 to 16',
    actual: bits,
  });
}
