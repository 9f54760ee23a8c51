import { Random } from '@espalier/base';
import * as fc from 'fast-check';
import { sortSurvivors } from './sort-survivors';

function plainly(weights: Float32Array): Float32Array {
  return weights.filter((value) => value !== 0).sort();
}

describe('sortSurvivors', () => {
  it('sorts like the built-in sort, without zeros of either sign', () => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 300 }), (weights) => {
        expect(sortSurvivors(weights)).toEqual(plainly(weights));
      }),
    );
  });

  it('does so for bins of every size: many weights, many equal ones, and few of extreme size', () => {
    const random = new Random(3);
    const weights = Float32Array.from({ length: 60_000 }, (_, i) => {
      if (i % 7 === 0) return 0.5;
      if (i % 11 === 0) return i % 2 === 0 ? 0 : -0;
      return random.normal() * (i % 1000 === 0 ? 1e30 : i % 999 === 0 ? 1e-42 : 1);
    });
    expect(sortSurvivors(weights)).toEqual(plainly(weights));
  });

  it('reads an array that begins in the middle of a buffer, and leaves it as it is', () => {
    const weights = Float32Array.of(9, 3, -1, 2).subarray(1);
    expect([...sortSurvivors(weights)]).toEqual([-1, 2, 3]);
    expect([...weights]).toEqual([3, -1, 2]);
  });

  it('names the first weight that is no number', () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      expect(() => sortSurvivors(Float32Array.of(1, bad, NaN))).toThrow(/ENCODING_NOT_FINITE.*index 1/);
    }
  });
});
