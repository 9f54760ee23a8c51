/** What a plugin's quantizer makes of a kernel, checked: values, and codes with a codebook where one is enough for all weights. */
import { normaliseShared, type SharedWeights } from '@espalier/encoding';
import type { AffineQuantized, CodebookQuantized, Quantized } from '@espalier/plugin-api';
import { sameShape, sizeOf, type Mask, type Shape } from '@espalier/tensor';
import { stagesError } from './errors';

export interface QuantizedKernel {
  readonly values: Float32Array;
  /** Absent where channels have scales of their own, or zero points. */
  readonly shared?: SharedWeights;
  /** Weights that are the negative of their level. */
  readonly signs?: Mask;
  /** All values are whole multiples of it. */
  readonly step?: number;
}

/** @throws STAGE_QUANTIZER for an answer that does not fit, or that brings a removed weight back */
export function quantizedKernel(
  quantized: Quantized,
  before: Float32Array,
  of: { readonly quantizer: string; readonly layer: string; readonly shape: Shape },
): QuantizedKernel {
  const wrong = (problem: string): Error =>
    stagesError('STAGE_QUANTIZER', { ...of, shape: JSON.stringify(of.shape), problem });
  if (quantized.codes.length !== sizeOf(of.shape)) throw wrong(`it gave ${quantized.codes.length} codes`);
  const kernel =
    quantized.kind === 'codebook'
      ? fromCodebook(quantized, of, wrong)
      : fromScales(quantized, of.shape.at(-1) ?? 1, wrong);
  const { values } = kernel;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw wrong(`it made weight ${i} ${values[i]}`);
    if (before[i] === 0 && values[i] !== 0) throw wrong(`it brought the removed weight ${i} back`);
    // A removed weight is +0.
    if (values[i] === 0) values[i] = 0;
  }
  return kernel;
}

function fromCodebook(
  { codes, codebook, signs }: CodebookQuantized,
  { layer, shape }: { readonly layer: string; readonly shape: Shape },
  wrong: (problem: string) => Error,
): QuantizedKernel {
  if (signs && !sameShape(signs.shape, shape)) throw wrong(`it gave signs of ${JSON.stringify(signs.shape)}`);
  const shared = normaliseShared({ codes, codebook }, layer);
  const values = Float32Array.from(shared.codes, (code, i) => {
    if (code === 0) return 0;
    const level = shared.codebook[code - 1];
    return signs?.get(i) ? -level : level;
  });
  return { values, shared, ...(signs && { signs }) };
}

function fromScales(
  { codes, scales, zeroPoints }: AffineQuantized,
  channels: number,
  wrong: (problem: string) => Error,
): QuantizedKernel {
  if (scales.length !== 1 && scales.length !== channels) {
    throw wrong(`it gave ${scales.length} scales for ${channels} channels`);
  }
  if (zeroPoints && zeroPoints.length !== scales.length) {
    throw wrong(`it gave ${zeroPoints.length} zero points for ${scales.length} scales`);
  }
  const values = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const channel = scales.length === 1 ? 0 : i % channels;
    values[i] = scales[channel] * (codes[i] - (zeroPoints?.[channel] ?? 0));
  }
  if (scales.length > 1 || zeroPoints?.some((zero) => zero !== 0)) return { values };
  const used = [...new Set(codes)].filter((code) => code !== 0).sort((a, b) => scales[0] * (a - b));
  const place = new Map(used.map((code, i) => [code, i + 1]));
  const shared = {
    codes: Uint16Array.from(codes, (code) => place.get(code) ?? 0),
    codebook: Float32Array.from(used, (code) => scales[0] * code),
  };
  return { values, shared, step: scales[0] };
}
