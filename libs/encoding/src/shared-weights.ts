/**
 * The shared form of a weight tensor (DC16 section 3): one small code a weight, and a codebook. Code 0 means removed, code
 * k means the centroid codebook[k - 1].
 */
import { encodingError } from './errors';

export interface SharedWeights {
  /** 0 = removed, k = codebook[k - 1]; row-major like the weights. */
  readonly codes: Uint16Array;
  /** [levels], ascending, without duplicates and without zero. */
  readonly codebook: Float32Array;
}

/** Codes are 16 bits and 0 is taken. */
export const MAX_LEVELS = 65535;

/** The weights that codes and codebook stand for; a removed weight is +0. */
export function weightsOf(shared: SharedWeights): Float32Array {
  const values = new Float32Array(shared.codebook.length + 1);
  values.set(shared.codebook, 1);
  const weights = new Float32Array(shared.codes.length);
  for (let i = 0; i < weights.length; i++) weights[i] = values[shared.codes[i]];
  return weights;
}

/** Are codes and levels the same, to the bit? */
export function sameShared(a: SharedWeights, b: SharedWeights): boolean {
  if (a.codes.length !== b.codes.length || a.codebook.length !== b.codebook.length) return false;
  if (!a.codebook.every((value, i) => Object.is(value, b.codebook[i]))) return false;
  for (let i = 0; i < a.codes.length; i++) if (a.codes[i] !== b.codes[i]) return false;
  return true;
}

/** How many weights have a code, i.e. are not removed. */
export function countKept(codes: Uint16Array): number {
  let kept = 0;
  for (let i = 0; i < codes.length; i++) if (codes[i] !== 0) kept++;
  return kept;
}

/**
 * The same weights in the form that every other part relies on: the codebook ascends, equal levels are one, levels that no
 * weight uses are gone, and a level of exactly 0 (or -0) removes its weights: what decodes to zero is counted as zero.
 * Retraining moves centroids past each other, so this is needed after it. Throws ENCODING_CODES, ENCODING_NOT_FINITE.
 */
export function normaliseShared(shared: SharedWeights, name = '?'): SharedWeights {
  const { codes, codebook } = shared;
  const used = usedLevels(codes, codebook, name);
  const order = Array.from(codebook.keys())
    .filter((level) => used[level + 1] === 1 && codebook[level] !== 0)
    .sort((a, b) => codebook[a] - codebook[b] || a - b);
  const renumbered = new Uint16Array(codebook.length + 1);
  const sorted: number[] = [];
  for (const level of order) {
    if (sorted.length === 0 || sorted[sorted.length - 1] !== codebook[level]) sorted.push(codebook[level]);
    renumbered[level + 1] = sorted.length;
  }
  return { codes: renumberedCodes(codes, renumbered), codebook: Float32Array.from(sorted) };
}

/** Does some weight use each level? Looks no further than to the last level that was missing. */
export function usesAllLevels({ codes, codebook }: SharedWeights): boolean {
  const used = new Uint8Array(codebook.length + 1);
  let missing = codebook.length;
  for (let i = 0; i < codes.length && missing > 0; i++) {
    const code = codes[i];
    if (code === 0 || used[code] === 1) continue;
    used[code] = 1;
    missing--;
  }
  return missing === 0;
}

/** A copy, of which a loop is made only where a code changes: `map` takes five times as long. */
function renumberedCodes(codes: Uint16Array, renumbered: Uint16Array): Uint16Array {
  const copy = codes.slice();
  if (renumbered.every((number, code) => number === code)) return copy;
  for (let i = 0; i < copy.length; i++) copy[i] = renumbered[copy[i]];
  return copy;
}

/** One flag a code: does any weight use it? */
function usedLevels(codes: Uint16Array, codebook: Float32Array, name: string): Uint8Array {
  const levels = codebook.length;
  const at = codebook.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw encodingError('ENCODING_NOT_FINITE', { name: `${name}:codebook`, value: codebook[at], index: at });
  }
  const used = new Uint8Array(levels + 1);
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] > levels) throw encodingError('ENCODING_CODES', { name, code: codes[i], index: i, levels });
    used[codes[i]] = 1;
  }
  return used;
}
