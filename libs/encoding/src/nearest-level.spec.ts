import { Random } from '@espalier/base';
import { assignNearest } from './nearest-level';

/** Every weight against every bound between two levels; halfway belongs to the lower one. */
function plainly(weights: Float32Array, codebook: Float32Array): Uint16Array {
  const codes = new Uint16Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    codes[i] = 1;
    for (let k = 0; k + 1 < codebook.length; k++) {
      if (weights[i] > (codebook[k] + codebook[k + 1]) / 2) codes[i] = k + 2;
    }
  }
  return codes;
}

describe('assignNearest', () => {
  it('gives the nearest level, the lower one halfway, and nothing to removed weights', () => {
    const weights = Float32Array.of(-9, -0, 0, 0.5, 0.51, 1.5, 9);
    expect([...assignNearest(weights, Float32Array.of(0, 1, 2)).codes]).toEqual([1, 0, 0, 1, 2, 2, 3]);
    expect([...assignNearest(weights, new Float32Array(0)).codes]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('does the same by its table for many weights, where levels are close and where they are far', () => {
    const random = new Random(2);
    const weights = Float32Array.from({ length: 140_000 }, (_, i) => {
      if (i % 5 === 0) return 0;
      return i % 3 === 0 ? Math.round(random.normal() * 8) / 16 : random.normal();
    });
    const near = Float32Array.from({ length: 40 }, (_, k) => 0.25 + k * 1e-4);
    const far = Float32Array.from([-1e30, -1, -1e-40, 1e-40, 0.5, 1, 1e30]);
    for (const codebook of [near, far, Float32Array.of(0.1)]) {
      expect(assignNearest(weights, codebook).codes).toEqual(plainly(weights, codebook));
    }
  });
});
