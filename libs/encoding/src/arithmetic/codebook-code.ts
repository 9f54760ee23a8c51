/** A codebook, or any short list of distinct ascending numbers: as float32, as float16, as multiples of one step, or as a run of those. */
import { encodingError } from '../errors';
import { float32Bits, fromFloat16Bits, fromFloat32Bits, toFloat16Bits } from '../float16';
import { AdaptiveNumber, codeRaw } from './adaptive-bits';
import { codeRun, levelsOf, type MultipleRun } from './multiple-run';
import type { BinaryCoder } from './range-coder';

/** `float16` loses what a half cannot hold unless the values were rounded before; `step` loses nothing when all are multiples. */
export type CodebookForm =
  | { readonly kind: 'float32' }
  | { readonly kind: 'float16' }
  | { readonly kind: 'step'; readonly step: number };

/** How a stream says its codebook: a run, too, may have levels that no weight uses. */
export type StreamForm = CodebookForm | { readonly kind: 'run'; readonly run: MultipleRun };

const KINDS = ['float32', 'float16', 'step', 'run'] as const;
type ListKind = CodebookForm['kind'];

const KEY_BITS = { float32: 32, float16: 16, step: 21 } as const;

/** Multiples of a step are offset by this to be unsigned. */
const MULTIPLE_LIMIT = 2 ** 20;

/**
 * Codes the values as ascending whole numbers (a float's bits, mapped so that they ascend with it): the first as it is, then
 * the differences; of a run only its ends. `given` when encoding; the form must hold the values exactly. Returns the values, and
 * whether they are a run.
 */
export function codeCodebook(
  coder: BinaryCoder,
  given?: { readonly codebook: Float32Array; readonly form: StreamForm },
): { readonly codebook: Float32Array; readonly isRun: boolean } {
  const kind = KINDS[codeRaw(coder, given ? KINDS.indexOf(given.form.kind) : 0, 2)];
  if (kind === 'run') {
    const codebook = levelsOf(codeRun(coder, given?.form.kind === 'run' ? given.form.run : undefined));
    return { codebook, isRun: true };
  }
  const levels = new AdaptiveNumber().code(coder, given ? given.codebook.length : 0);
  if (levels > 65535) throw broken(`${levels} levels`);
  let step = given?.form.kind === 'step' ? given.form.step : 1;
  if (kind === 'step') step = fromFloat32Bits(codeRaw(coder, float32Bits(step), 32));
  const values = new Float32Array(levels);
  const gaps = new AdaptiveNumber();
  let key = 0;
  for (let i = 0; i < levels; i++) {
    const wanted = given ? toKey(given.codebook[i], kind, step) : 0;
    key =
      i === 0
        ? codeRaw(coder, wanted, KEY_BITS[kind])
        : key + 1 + gaps.code(coder, Math.max(0, wanted - key - 1));
    if (key >= 2 ** KEY_BITS[kind]) throw broken('a level beyond the largest number');
    values[i] = fromKey(key, kind, step);
    if (!Number.isFinite(values[i]) || values[i] === 0) throw broken(`level ${i} is ${values[i]}`);
  }
  return { codebook: values, isRun: false };
}

function toKey(value: number, kind: ListKind, step: number): number {
  switch (kind) {
    case 'float32':
      return ordered(float32Bits(value), 31);
    case 'float16':
      return ordered(toFloat16Bits(value), 15);
    case 'step':
      return Math.round(value / step) + MULTIPLE_LIMIT;
  }
}

function fromKey(key: number, kind: ListKind, step: number): number {
  switch (kind) {
    case 'float32':
      return fromFloat32Bits(unordered(key, 31));
    case 'float16':
      return fromFloat16Bits(unordered(key, 15) & 0xffff);
    case 'step':
      return Math.fround((key - MULTIPLE_LIMIT) * step);
  }
}

/** Sign-magnitude bits to a number that ascends with the value. */
function ordered(bits: number, signBit: number): number {
  const sign = 2 ** signBit;
  return bits >= sign ? 2 * sign - 1 - bits : bits + sign;
}

function unordered(key: number, signBit: number): number {
  const sign = 2 ** signBit;
  return key >= sign ? key - sign : 2 * sign - 1 - key;
}

function broken(problem: string): Error {
  return encodingError('ENCODING_STREAM', { what: 'a codebook', problem });
}
