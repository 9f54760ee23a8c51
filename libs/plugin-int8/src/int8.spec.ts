import { Random } from '@espalier/base';
import { definePlugin, type AffineQuantized } from '@espalier/plugin-api';
import { sizeOf, type Shape } from '@espalier/tensor';
import fc from 'fast-check';
import plugin, { activationRange, type Int8Options } from './index';
import { int8 } from './int8';
import { int8Codec } from './int8-codec';

function quantized(values: Float32Array, shape: Shape, options: Int8Options): AffineQuantized {
  return int8.quantize({ name: 'k', shape, values, random: new Random(1), options }) as AffineQuantized;
}

function decoded({ codes, scales, zeroPoints }: AffineQuantized): number[] {
  return Array.from(codes, (code, i) => {
    const channel = i % scales.length;
    return scales[channel] * (code - (zeroPoints?.[channel] ?? 0));
  });
}

const cases = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 6 })),
  channels: fc.boolean(),
  symmetric: fc.boolean(),
  seed: fc.nat(),
  shift: fc.double({ min: -3, max: 3, noNaN: true }),
});

function drawn({ shape, seed, shift }: { shape: Shape; seed: number; shift: number }): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: sizeOf(shape) }, () =>
    random.uniform() < 0.3 ? 0 : random.normal() + shift,
  );
}

it('is a well-defined plugin', () => {
  expect(definePlugin(plugin)).toBe(plugin);
});

it('gives scales and codes as worked out by hand', () => {
  const values = Float32Array.of(1, -0.3, 0, 0.5);
  expect(quantized(values, [2, 2], { channels: false, symmetric: true })).toEqual({
    kind: 'affine',
    codes: Int8Array.of(127, -38, 0, 64),
    scales: Float32Array.of(1 / 127),
  });
  expect(quantized(values, [2, 2], { channels: true, symmetric: true })).toEqual({
    kind: 'affine',
    codes: Int8Array.of(127, -76, 0, 127),
    scales: Float32Array.of(1 / 127, 0.5 / 127),
  });
  // From -0.3 to 1 in 255 steps: -0.3 is code -128, and 0 is 59 steps above it.
  expect(quantized(values, [2, 2], { channels: false, symmetric: false })).toEqual({
    kind: 'affine',
    codes: Int8Array.of(127, -128, -69, 29),
    scales: Float32Array.of((1 + Math.fround(0.3)) / 255),
    zeroPoints: Int8Array.of(-69),
  });
});

it('is nowhere off by more than half a scale, or one where the zero point was rounded, too', () => {
  fc.assert(
    fc.property(cases, ({ channels, symmetric, ...of }) => {
      const values = drawn(of);
      const result = quantized(values, of.shape, { channels, symmetric });
      const limit = symmetric ? 0.5 : 1;
      decoded(result).forEach((value, i) => {
        const scale = result.scales[i % result.scales.length];
        expect(Math.abs(value - values[i])).toBeLessThanOrEqual(scale * (limit + 1e-4));
      });
    }),
  );
});

it('leaves removed weights at exactly 0', () => {
  fc.assert(
    fc.property(cases, ({ channels, symmetric, ...of }) => {
      const values = drawn(of);
      const result = decoded(quantized(values, of.shape, { channels, symmetric }));
      values.forEach((value, i) => value === 0 && expect(Object.is(result[i] + 0, 0)).toBe(true));
    }),
  );
});

it('has a scale for each channel of the last axis, and never errs more by that', () => {
  const values = drawn({ shape: [3, 3, 4, 5], seed: 3, shift: 0 }).map((value, i) => value * (1 + (i % 5)));
  const shape = [3, 3, 4, 5];
  const errorOf = (channels: boolean): number => {
    const result = quantized(values, shape, { channels, symmetric: true });
    expect(result.scales).toHaveLength(channels ? 5 : 1);
    return decoded(result).reduce((sum, value, i) => sum + (value - values[i]) ** 2, 0);
  };
  expect(errorOf(true)).toBeLessThan(errorOf(false));
});

it('never makes the code -128 where it is symmetric', () => {
  const values = Float32Array.of(-1, 1, -1e-30, 3e38);
  for (const channels of [true, false]) {
    const { codes } = quantized(values, [4, 1], { channels, symmetric: true });
    expect(Math.min(...codes)).toBeGreaterThanOrEqual(-127);
  }
});

it('takes a tensor of zeros', () => {
  const result = quantized(new Float32Array(6), [2, 3], { channels: true, symmetric: false });
  expect(decoded(result)).toEqual([0, 0, 0, 0, 0, 0]);
});

describe('the codec', () => {
  const encode = (values: Float32Array, shape: Shape, options: Int8Options): Uint8Array =>
    int8Codec.encode({ name: 'k', shape, values, options }) as Uint8Array;
  const decode = (bytes: Uint8Array, shape: Shape): Float32Array =>
    int8Codec.decode({
      name: 'k',
      shape,
      bytes,
      options: { channels: true, symmetric: true },
    }) as Float32Array;

  it('gives back what the quantizer makes of the weights', () => {
    fc.assert(
      fc.property(cases, ({ channels, symmetric, ...of }) => {
        const values = drawn(of);
        const expected = decoded(quantized(values, of.shape, { channels, symmetric })).map(
          (value) => Math.fround(value) + 0,
        );
        expect(
          [...decode(encode(values, of.shape, { channels, symmetric }), of.shape)].map((value) => value + 0),
        ).toEqual(expected);
      }),
    );
  });

  it('gives weights that are multiples of a scale already back, within the rounding of the scale', () => {
    const shape = [40, 30];
    const once = decode(
      encode(drawn({ shape, seed: 2, shift: 0 }), shape, { channels: true, symmetric: true }),
      shape,
    );
    const twice = decode(encode(once, shape, { channels: true, symmetric: true }), shape);
    once.forEach((value, i) =>
      expect(Math.abs(twice[i] - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -22),
    );
  });

  it('takes less than a byte a weight, and for a removed one what its position costs', () => {
    const random = new Random(4);
    const shape = [200, 100];
    const dense = Float32Array.from({ length: 20_000 }, () => random.normal());
    const options = { channels: false, symmetric: true };
    expect(encode(dense, shape, options).length).toBeLessThan(18_000);
    const pruned = dense.map((value) => (random.uniform() < 0.9 ? 0 : value));
    expect(encode(pruned, shape, options).length).toBeLessThan(3_400);
  });
});

describe('activationRange', () => {
  it('spans all samples with unsigned codes after a relu, and signed ones otherwise', () => {
    expect(activationRange([Float32Array.of(0, 2), Float32Array.of(5.1)])).toEqual({
      scale: Math.fround(5.1 / 255),
      isUnsigned: true,
    });
    expect(activationRange([Float32Array.of(-6.35, 2)])).toEqual({
      scale: Math.fround(6.35 / 127),
      isUnsigned: false,
    });
  });

  it('clips outliers where a percentile is given', () => {
    const samples = Float32Array.from({ length: 1000 }, (_, i) => i / 1000);
    samples[0] = 100;
    const { scale } = activationRange([samples], 0.99);
    expect(scale * 255).toBeGreaterThanOrEqual(0.99);
    expect(scale * 255).toBeLessThan(1.1);
  });

  it('has a usable scale for nothing but zeros', () => {
    expect(activationRange([new Float32Array(3)]).scale).toBeGreaterThan(0);
  });
});
