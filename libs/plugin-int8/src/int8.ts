/**
 * Linear quantisation (Jacob et al. 2018, section 2.1): weight = scale * (code - zero point), code an 8-bit integer. 0 is always a code,
 * so that a removed weight stays one; a survivor may become 0, too, when it is below half a scale.
 */
import type { AffineQuantized, OptionsOf, OptionsSchema, QuantizerDefinition } from '@espalier/plugin-api';
import type { Shape } from '@espalier/tensor';

export const INT8_OPTIONS = {
  channels: {
    type: 'boolean',
    default: true,
    description: 'A scale for each channel of the last axis (filter, neuron) instead of one for the tensor.',
  },
  symmetric: {
    type: 'boolean',
    default: true,
    description:
      'Codes from -127 to 127 around 0; otherwise -128 to 127, with a zero point that makes the most of a lopsided range.',
  },
} as const satisfies OptionsSchema;

export type Int8Options = OptionsOf<typeof INT8_OPTIONS>;

/** Symmetric codes leave out -128: with it two products of a pair can overflow 16 bits, and 0 would not be the middle. */
const SYMMETRIC_LIMIT = 127;
const AFFINE = { least: -128, most: 127, steps: 255 } as const;

export const int8: QuantizerDefinition<typeof INT8_OPTIONS> = {
  description: 'Each weight becomes an 8-bit integer times a scale.',
  options: INT8_OPTIONS,
  quantize: ({ shape, values, options }) => quantizeToInt8(shape, values, options),
};

/** @param values row-major, [..., channels] */
export function quantizeToInt8(shape: Shape, values: Float32Array, options: Int8Options): AffineQuantized {
  return quantize(values, options.channels ? (shape[shape.length - 1] ?? 1) : 1, options.symmetric);
}

/** scale * (code - zero point) of each weight, as float32. */
export function weightsOf({ codes, scales, zeroPoints }: AffineQuantized): Float32Array {
  return Float32Array.from(codes, (code, i) => {
    const channel = i % scales.length;
    return scales[channel] * (code - (zeroPoints?.[channel] ?? 0));
  });
}

function quantize(values: Float32Array, channels: number, isSymmetric: boolean): AffineQuantized {
  const least = new Float64Array(channels);
  const most = new Float64Array(channels);
  // 0 lies within every range: the arrays begin with it.
  values.forEach((value, i) => {
    const channel = i % channels;
    if (value < least[channel]) least[channel] = value;
    if (value > most[channel]) most[channel] = value;
  });
  const scales = new Float32Array(channels);
  const zeroPoints = new Int8Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const range = isSymmetric
      ? Math.max(most[channel], -least[channel]) / SYMMETRIC_LIMIT
      : (most[channel] - least[channel]) / AFFINE.steps;
    // The scale that is stored is the one that is divided by; a channel of zeros has any.
    scales[channel] = usable(range);
    if (!isSymmetric)
      zeroPoints[channel] = clamp(AFFINE.least - Math.round(least[channel] / scales[channel]));
  }
  const bottom = isSymmetric ? -SYMMETRIC_LIMIT : AFFINE.least;
  const codes = Int8Array.from(values, (value, i) => {
    const channel = i % channels;
    return Math.max(bottom, clamp(Math.round(value / scales[channel]) + zeroPoints[channel]));
  });
  return { kind: 'affine', codes, scales, ...(isSymmetric ? {} : { zeroPoints }) };
}

/** As float32, neither 0 nor infinite. */
function usable(range: number): number {
  const scale = Math.fround(range);
  return scale > 0 && Number.isFinite(scale) ? scale : 1;
}

function clamp(code: number): number {
  return Math.min(AFFINE.most, Math.max(AFFINE.least, code));
}
