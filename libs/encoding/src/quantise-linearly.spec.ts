import * as fc from 'fast-check';
import { quantiseLinearly } from './quantise-linearly';
import { weightsOf } from './shared-weights';

const weights = fc
  .array(fc.oneof(fc.constant(0), fc.float({ min: -4, max: 4, noNaN: true })), {
    minLength: 1,
    maxLength: 80,
  })
  .map((values) => Float32Array.from(values));

describe('quantiseLinearly', () => {
  it('moves no weight by more than half a step', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 2, max: 12 }), (values, bits) => {
        const quantised = quantiseLinearly(values, { bits });
        weightsOf(quantised).forEach((value, i) => {
          expect(Math.abs(value - values[i])).toBeLessThanOrEqual(quantised.step * 0.5000001);
        });
      }),
    );
  });

  it('has only whole multiples of its step as levels', () => {
    const { codebook, step } = quantiseLinearly(Float32Array.of(-1, 0.3, 0.1, 0.9), { bits: 4 });
    for (const level of codebook) expect(level).toBe(Math.fround(Math.round(level / step) * step));
  });

  it('removes what rounds to zero and clips what is beyond a given step', () => {
    const { codes, codebook } = quantiseLinearly(Float32Array.of(0.1, -0.1, 5, -0.6), { bits: 2, step: 0.5 });
    expect(Array.from(codebook)).toEqual([-0.5, 0.5]);
    expect(Array.from(codes)).toEqual([0, 0, 2, 1]);
  });

  it('takes a tensor of zeros, and refuses steps and bits that make no sense', () => {
    expect(quantiseLinearly(new Float32Array(4), { bits: 3 }).codebook).toHaveLength(0);
    expect(() => quantiseLinearly(Float32Array.of(1), { bits: 1 })).toThrow(/ENCODING_OPTION/);
    expect(() => quantiseLinearly(Float32Array.of(1), { bits: 4, step: -1 })).toThrow(/step/);
  });
});
