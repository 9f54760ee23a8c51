/**
 * A codebook of every multiple of a step between two magnitudes: a few bytes, where a list of the multiples that are used takes a
 * bit or more for each. Levels that no weight uses cost a little with every weight, so the encoder tries both.
 */
import { encodingError } from '../errors';
import { float32Bits, fromFloat32Bits } from '../float16';
import type { SharedWeights } from '../shared-weights';
import { codeRaw } from './adaptive-bits';
import type { BinaryCoder } from './range-coder';

export interface MultipleRun {
  readonly step: number;
  /** Magnitudes, in steps, from 1 to MOST. */
  readonly from: number;
  readonly to: number;
  readonly negative: boolean;
  readonly positive: boolean;
}

/** A magnitude's bits are counted with 4 bits, from 1. */
const MOST = 2047;
const LENGTH_BITS = 4;

/** The shortest run with all levels of the codebook; undefined where they are none, or reach too far. */
export function runOf(codebook: Float32Array, step: number): MultipleRun | undefined {
  const magnitudes = Array.from(codebook, (value) => Math.abs(Math.round(value / step)));
  const [from, to] = [Math.min(...magnitudes), Math.max(...magnitudes)];
  if (magnitudes.length === 0 || from < 1 || to > MOST) return undefined;
  return { step, from, to, negative: codebook[0] < 0, positive: codebook[codebook.length - 1] > 0 };
}

/** Both signs up to 2^n - 1, as of all multiples of n + 1 bits (since version 4); one sign; both. */
const [FULL, NEGATIVE, POSITIVE, BOTH] = [0, 1, 2, 3];

/** All levels of the run, ascending. */
export function levelsOf({ step, from, to, negative, positive }: MultipleRun): Float32Array {
  const count = to - from + 1;
  const levels = new Float32Array((negative ? count : 0) + (positive ? count : 0));
  for (let i = 0; i < count; i++) {
    if (negative) levels[i] = (i - to) * step;
    if (positive) levels[levels.length - count + i] = (from + i) * step;
  }
  return levels;
}

/** The same weights with the levels of a run, which holds all of theirs. */
export function withRun({ codes, codebook }: SharedWeights, run: MultipleRun): SharedWeights {
  const levels = levelsOf(run);
  const place = new Map(Array.from(levels, (value, level) => [value, level + 1]));
  const renumbered = Uint16Array.from([0, ...Array.from(codebook, (value) => place.get(value) ?? 0)]);
  return { codes: codes.map((code) => renumbered[code]), codebook: levels };
}

/** `given` when encoding. Returns the run; throws ENCODING_STREAM for one that is none. */
export function codeRun(coder: BinaryCoder, given?: MultipleRun): MultipleRun {
  const step = fromFloat32Bits(codeRaw(coder, float32Bits(given?.step ?? 1), 32));
  const signs = codeRaw(coder, given ? signsOf(given) : 0, 2);
  const length = 1 + codeRaw(coder, given ? 31 - Math.clz32(given.to) : 0, LENGTH_BITS);
  const top = 2 ** (length - 1);
  const to = top + (signs === FULL ? top - 1 : codeRaw(coder, given ? given.to - top : 0, length - 1));
  const from = codeRaw(coder, given?.from ?? 0, length);
  const valid = step > 0 && Number.isFinite(Math.fround(to * step)) && Math.fround(from * step) > 0;
  if (!valid || from > to || to > MOST) {
    const problem = `multiples of ${step} from ${from} to ${to}`;
    throw encodingError('ENCODING_STREAM', { what: 'a codebook', problem });
  }
  return { step, from, to, negative: signs !== POSITIVE, positive: signs !== NEGATIVE };
}

function signsOf({ negative, positive, to }: MultipleRun): number {
  if (!positive) return NEGATIVE;
  if (!negative) return POSITIVE;
  return Number.isInteger(Math.log2(to + 1)) ? FULL : BOTH;
}
