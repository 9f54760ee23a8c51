import { Random } from '@espalier/base';
import * as fc from 'fast-check';
import { AdaptiveBits, AdaptiveNumber, codeRaw } from './adaptive-bits';
import { RangeDecoder, RangeEncoder } from './range-coder';

const decisions = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 1, max: 65535 })), {
  maxLength: 400,
});

describe('range coder', () => {
  it('gives back any bits under any probabilities', () => {
    fc.assert(
      fc.property(decisions, (given) => {
        const encoder = new RangeEncoder();
        for (const [bit, p1] of given) encoder.code(bit, p1);
        const decoder = new RangeDecoder(encoder.finish());
        for (const [bit, p1] of given) expect(decoder.code(0, p1)).toBe(bit);
      }),
      { numRuns: 300 },
    );
  });

  it('carries through long runs of 0xff', () => {
    for (const tail of [0, 1]) {
      const bits = [0, ...new Array<number>(2000).fill(0), tail, 1, 0, tail];
      const encoder = new RangeEncoder();
      bits.forEach((bit) => encoder.code(bit, 65535 - (bit ? 1 : 0)));
      const decoder = new RangeDecoder(encoder.finish());
      bits.forEach((bit) => expect(decoder.code(0, 65535 - (bit ? 1 : 0))).toBe(bit));
    }
  });

  it('ends with at most two bytes more than the information', () => {
    fc.assert(
      fc.property(decisions, (given) => {
        const encoder = new RangeEncoder();
        let bits = 0;
        for (const [bit, p1] of given) {
          encoder.code(bit, p1);
          bits -= Math.log2((bit ? p1 : 65536 - p1) / 65536);
        }
        expect(encoder.finish().length).toBeLessThanOrEqual(bits / 8 + 2 + given.length / 500);
      }),
    );
  });

  it('spends within 1 % of the entropy on a static source, once adapted', () => {
    const random = new Random(1);
    for (const p of [0.5, 0.1, 0.02, 0.004]) {
      const encoder = new RangeEncoder();
      const model = new AdaptiveBits(1);
      const count = 200_000;
      let ones = 0;
      for (let i = 0; i < count; i++) ones += model.code(encoder, 0, random.uniform() < p ? 1 : 0);
      const q = ones / count;
      const entropyBits = -count * (q * Math.log2(q) + (1 - q) * Math.log2(1 - q));
      expect(encoder.finish().length * 8).toBeLessThan(entropyBits * 1.01 + 16);
    }
  });

  it('codes whole numbers up to 2^32 - 2', () => {
    const numbers = fc.array(fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 2 ** 32 - 2 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(numbers, (given) => {
        const encoder = new RangeEncoder();
        const model = new AdaptiveNumber();
        for (const value of given) {
          model.code(encoder, value);
          codeRaw(encoder, value, 32);
        }
        const decoder = new RangeDecoder(encoder.finish());
        const again = new AdaptiveNumber();
        for (const value of given) {
          expect(again.code(decoder, 0)).toBe(value);
          expect(codeRaw(decoder, 0, 32)).toBe(value);
        }
      }),
    );
  });
});
