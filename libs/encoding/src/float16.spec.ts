import * as fc from 'fast-check';
import {
  fromBfloat16Bits,
  ceilBfloat16Bits,
  fromFloat16Bits,
  roundToFloat16,
  toFloat16Bits,
} from './float16';

describe('float16', () => {
  it('gives back every one of the 65,536 halves', () => {
    const all = Array.from({ length: 65536 }, (_, bits) => bits);
    const wrong = all.filter((bits) => {
      const value = fromFloat16Bits(bits);
      return !Number.isNaN(value) && toFloat16Bits(value) !== bits;
    });
    expect(wrong).toEqual([]);
  });

  it('rounds to the nearest half, ties to even', () => {
    fc.assert(
      fc.property(fc.float({ min: -65000, max: 65000, noNaN: true }), (value) => {
        const rounded = roundToFloat16(value);
        const bits = toFloat16Bits(value);
        for (const other of [bits - 1, bits + 1]) {
          if ((other & 0x7fff) === 0x7fff || other < 0) continue;
          expect(Math.abs(rounded - value)).toBeLessThanOrEqual(
            Math.abs(fromFloat16Bits(other & 0xffff) - value),
          );
        }
      }),
    );
    expect(roundToFloat16(2049)).toBe(2048);
    expect(roundToFloat16(2051)).toBe(2052);
    expect(roundToFloat16(65520)).toBe(Infinity);
    expect(roundToFloat16(2 ** -25)).toBe(0);
    expect(roundToFloat16(2 ** -24)).toBe(2 ** -24);
  });

  it('rounds a bfloat16 up', () => {
    expect(fromBfloat16Bits(ceilBfloat16Bits(1))).toBe(1);
    expect(fromBfloat16Bits(ceilBfloat16Bits(1.0001))).toBe(1.0078125);
  });
});
