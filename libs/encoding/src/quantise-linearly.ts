/** Linear quantisation: the other way to a codebook (the first is k-means). Levels are whole multiples of one step size. */
import { encodingError } from './errors';
import { normaliseShared, type SharedWeights } from './shared-weights';

export interface LinearQuantisation extends SharedWeights {
  /** Float32; every level is fround(multiple * step). */
  readonly step: number;
}

export interface LinearOptions {
  /** Levels are -(2^(bits-1) - 1) .. 2^(bits-1) - 1 times the step, without 0. 2 to 16. */
  readonly bits: number;
  /** Default: the largest magnitude divided by the largest multiple, so that nothing is clipped. */
  readonly step?: number;
}

/** The smallest normal float32: below it, multiples of a step are no longer evenly spaced. */
const SMALLEST_STEP = 2 ** -126;

/**
 * Rounds each weight to the nearest multiple of the step (halves away from zero), clipped at the largest multiple. A weight
 * that rounds to 0 is removed; with the default step those are the weights below max / (2^bits - 2). Throws ENCODING_OPTION,
 * ENCODING_NOT_FINITE.
 */
export function quantiseLinearly(weights: Float32Array, options: LinearOptions): LinearQuantisation {
  const most = largestMultiple(options.bits);
  const step = checkStep(options.step ?? Math.max(SMALLEST_STEP, largestMagnitude(weights) / most));
  const codebook = new Float32Array(2 * most);
  for (let multiple = 1; multiple <= most; multiple++) {
    codebook[most - multiple] = -multiple * step;
    codebook[most + multiple - 1] = multiple * step;
  }
  const codes = new Uint16Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    const multiple = nearestMultiple(weights[i], step, most);
    if (multiple < 0) codes[i] = most + multiple + 1;
    else if (multiple > 0) codes[i] = most + multiple;
  }
  return { ...normaliseShared({ codes, codebook }), step };
}

/** round(value / step), halves away from zero, clipped to +-most. */
export function nearestMultiple(value: number, step: number, most: number): number {
  const multiple = Math.min(most, Math.floor(Math.abs(value) / step + 0.5));
  return value < 0 ? -multiple : multiple;
}

/** 2^(bits - 1) - 1; throws ENCODING_OPTION. */
export function largestMultiple(bits: number): number {
  if (Number.isInteger(bits) && bits >= 2 && bits <= 16) return 2 ** (bits - 1) - 1;
  throw encodingError('ENCODING_OPTION', {
    option: 'bits',
    expected: 'a whole number from 2 to 16',
    actual: bits,
  });
}

/** Throws ENCODING_NOT_FINITE. 0 for an empty array. */
export function largestMagnitude(weights: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < weights.length; i++) {
    const magnitude = Math.abs(weights[i]);
    if (!Number.isFinite(magnitude)) {
      throw encodingError('ENCODING_NOT_FINITE', { name: 'weights', value: weights[i], index: i });
    }
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

function checkStep(step: number): number {
  const rounded = Math.fround(step);
  if (rounded > 0 && Number.isFinite(rounded)) return rounded;
  throw encodingError('ENCODING_OPTION', { option: 'step', expected: 'a positive number', actual: step });
}
