/** What a plugin answers is checked before anybody uses it: type, length, and values. */
import { Mask, sizeOf, type Shape } from '@espalier/tensor';
import type { Quantized } from '@espalier/plugin-api';
import { pluginHostError } from './errors';
import type { Groups } from './methods';

/** Who answered, for the message. */
export interface Answerer {
  readonly plugin: string;
  readonly kind: string;
  readonly name: string;
}

/** [size] finite values. @throws PLUGIN_ANSWER_SHAPE, PLUGIN_ANSWER_VALUE */
export function checkFloats(of: Answerer, value: unknown, size: number): Float32Array {
  const floats = requireArray<Float32Array>(of, value, { tag: 'Float32Array', size });
  // A sum is finite only where all are, and is quicker than to ask each; it may overflow, so that each is asked then.
  let sum = 0;
  for (let i = 0; i < size; i++) sum += floats[i];
  if (Number.isFinite(sum)) return floats;
  for (let i = 0; i < size; i++) {
    if (!Number.isFinite(floats[i])) {
      throw valueError(of, { value: floats[i], index: i, expected: 'only finite numbers' });
    }
  }
  return floats;
}

/** @throws PLUGIN_ANSWER_SHAPE, PLUGIN_ANSWER_VALUE */
export function checkGroups(of: Answerer, value: unknown, shape: Shape): Groups {
  const groups = value as Groups;
  const size = sizeOf(shape);
  const { count, pattern } = groups ?? {};
  if (!Number.isSafeInteger(count) || count < 1 || count > Math.max(1, size)) {
    throw shapeError(of, `${String(count)} groups`, `a whole number from 1 to ${size}`);
  }
  const ofElement = requireArray<Uint32Array>(of, groups.of, { tag: 'Uint32Array', size });
  for (let i = 0; i < size; i++) {
    if (ofElement[i] >= count) {
      throw valueError(of, { value: ofElement[i], index: i, expected: `groups below ${count}` });
    }
  }
  if (pattern === undefined) return { count, of: ofElement };
  requireArray(of, pattern.setOf, { tag: 'Uint32Array', size: count });
  if (!Number.isSafeInteger(pattern.keep) || pattern.keep < 0) {
    throw valueError(of, { value: pattern.keep, index: 'keep', expected: 'whole numbers from 0' });
  }
  return { count, of: ofElement, pattern: { setOf: pattern.setOf, keep: pattern.keep } };
}

/** From 0 to 1, one for each progress. @throws PLUGIN_ANSWER_SHAPE, PLUGIN_ANSWER_VALUE */
export function checkCompletions(of: Answerer, value: unknown, count: number): readonly number[] {
  if (!Array.isArray(value) || value.length !== count) {
    throw shapeError(of, Array.isArray(value) ? `${value.length} values` : typeof value, `${count} values`);
  }
  value.forEach((completion: unknown, index) => {
    if (typeof completion === 'number' && completion >= 0 && completion <= 1) return;
    throw valueError(of, { value: completion, index, expected: 'only numbers from 0 to 1' });
  });
  return value as number[];
}

/** @throws PLUGIN_ANSWER_SHAPE */
export function checkBytes(of: Answerer, value: unknown): Uint8Array {
  return requireArray<Uint8Array>(of, value, { tag: 'Uint8Array' });
}

/** Codes that the codebook has, finite values, 0 where the input is 0. @throws PLUGIN_ANSWER_SHAPE, PLUGIN_ANSWER_VALUE */
export function checkQuantized(of: Answerer, value: unknown, shape: Shape): Quantized {
  const quantized = value as Quantized;
  const size = sizeOf(shape);
  switch (quantized?.kind) {
    case 'codebook': {
      const codes = requireArray<Uint16Array>(of, quantized.codes, { tag: 'Uint16Array', size });
      const codebook = requireArray<Float32Array>(of, quantized.codebook, { tag: 'Float32Array' });
      checkFloats(of, codebook, codebook.length);
      for (let i = 0; i < size; i++) {
        if (codes[i] > codebook.length) {
          throw valueError(of, { value: codes[i], index: i, expected: `codes up to ${codebook.length}` });
        }
      }
      const { signs } = quantized;
      return { kind: 'codebook', codes, codebook, ...(signs && { signs: checkMask(of, signs, shape) }) };
    }
    case 'affine': {
      const codes = requireArray<Int8Array>(of, quantized.codes, { tag: 'Int8Array', size });
      const scales = requireArray<Float32Array>(of, quantized.scales, { tag: 'Float32Array' });
      const channels = shape.at(-1) ?? 1;
      if (scales.length !== 1 && scales.length !== channels) {
        throw shapeError(of, `${scales.length} scales`, `1 or ${channels}`);
      }
      checkFloats(of, scales, scales.length);
      if (quantized.zeroPoints === undefined) return { kind: 'affine', codes, scales };
      const zeroPoints = requireArray<Int8Array>(of, quantized.zeroPoints, {
        tag: 'Int8Array',
        size: scales.length,
      });
      return { kind: 'affine', codes, scales, zeroPoints };
    }
    default:
      throw shapeError(of, String((value as { kind?: unknown } | null)?.kind), '"codebook" or "affine"');
  }
}

/** As long as `atLeast`, and a superset of it. @throws PLUGIN_ANSWER_SHAPE, PLUGIN_ANSWER_VALUE */
export function checkRegrown(of: Answerer, value: unknown, atLeast: Mask): Mask {
  const mask = checkMask(of, value, atLeast.shape);
  const index = atLeast.bits.findIndex((byte, i) => (byte & ~mask.bits[i]) !== 0);
  if (index >= 0) {
    throw valueError(of, {
      value: 'a removed weight',
      index: index * 8,
      expected: 'only weights that return',
    });
  }
  return mask;
}

/** One bit a weight. @throws PLUGIN_ANSWER_SHAPE */
function checkMask(of: Answerer, value: unknown, shape: Shape): Mask {
  const mask = Mask.empty(shape);
  const bits = (value as Mask | undefined)?.bits;
  mask.bits.set(requireArray<Uint8Array>(of, bits, { tag: 'Uint8Array', size: mask.bits.length }));
  // Bits behind the last weight are nobody's.
  if ((mask.size & 7) !== 0) mask.bits[mask.bits.length - 1] &= (1 << (mask.size & 7)) - 1;
  return mask;
}

function requireArray<T extends ArrayBufferView>(
  of: Answerer,
  value: unknown,
  { tag, size }: { readonly tag: string; readonly size?: number },
): T {
  const actual = Object.prototype.toString.call(value).slice(8, -1);
  const length = (value as { length?: number } | undefined)?.length;
  if (actual !== tag) throw shapeError(of, `a ${actual}`, `a ${tag}`);
  if (size !== undefined && length !== size) throw shapeError(of, `${length} values`, `${size}`);
  return value as T;
}

function shapeError(of: Answerer, actual: string, expected: string): Error {
  return pluginHostError('PLUGIN_ANSWER_SHAPE', { ...of, actual, expected });
}

function valueError(
  of: Answerer,
  { value, index, expected }: { value: unknown; index: number | string; expected: string },
): Error {
  return pluginHostError('PLUGIN_ANSWER_VALUE', { ...of, value: String(value), index, expected });
}
