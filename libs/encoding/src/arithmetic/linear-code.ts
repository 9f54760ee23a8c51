/** Numbers that are whole multiples of one step, such as biases of a few bits: zero or not, sign, adaptive magnitude. */
import { encodingError } from '../errors';
import { float32Bits, fromFloat32Bits } from '../float16';
import { AdaptiveBits, AdaptiveNumber, codeRaw } from './adaptive-bits';
import type { BinaryCoder } from './range-coder';

/** What `quantiseLinearly` and the artifact use at most: 16 bits. */
const MAX_MULTIPLE = 32767;

/** Codes `count` numbers fround(multiple * step); `given` when encoding. Returns them. */
export function codeMultiples(
  coder: BinaryCoder,
  count: number,
  given?: { readonly multiples: Int32Array; readonly step: number },
): { readonly values: Float32Array; readonly step: number } {
  const step = codeStep(coder, given?.step ?? 0);
  const signs = new AdaptiveBits(2);
  const magnitudes = new AdaptiveNumber();
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const wanted = given ? given.multiples[i] : 0;
    if (!signs.code(coder, 0, wanted === 0 ? 0 : 1)) continue;
    const negative = signs.code(coder, 1, wanted < 0 ? 1 : 0);
    const magnitude = magnitudes.code(coder, Math.abs(wanted) - 1) + 1;
    if (magnitude > MAX_MULTIPLE) throw broken(`a multiple of ${magnitude}`);
    values[i] = (negative ? -magnitude : magnitude) * step;
  }
  return { values, step };
}

/** A float32; one bit says that its lower 16 bits are zero and left out. */
function codeStep(coder: BinaryCoder, wanted: number): number {
  const bits = float32Bits(wanted);
  const short = codeRaw(coder, (bits & 0xffff) === 0 ? 1 : 0, 1);
  const step = fromFloat32Bits(
    short ? codeRaw(coder, bits >>> 16, 16) * UPPER_HALF : codeRaw(coder, bits, 32),
  );
  if (!(step > 0) || !Number.isFinite(step * MAX_MULTIPLE)) throw broken(`a step of ${step}`);
  return step;
}

const UPPER_HALF = 2 ** 16;

function broken(problem: string): Error {
  return encodingError('ENCODING_STREAM', { what: 'multiples of a step', problem });
}
