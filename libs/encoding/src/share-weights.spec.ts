import { Random } from '@espalier/base';
import * as fc from 'fast-check';
import { assignNearest } from './nearest-level';
import { shareWeights, type CentroidStart } from './share-weights';
import { weightsOf } from './shared-weights';

/** Lloyd's algorithm as it is written down: every weight against every centroid, from evenly spaced centroids. */
function slowLloyd(weights: readonly number[], levels: number): { centroids: number[]; hadEmpty: boolean } {
  const low = Math.min(...weights);
  const high = Math.max(...weights);
  let centroids = Array.from({ length: levels }, (_, k) => low + ((high - low) * k) / (levels - 1));
  for (;;) {
    const nearest = weights.map((w) =>
      centroids.reduce(
        (best, _, k) => (Math.abs(w - centroids[k]) < Math.abs(w - centroids[best]) ? k : best),
        0,
      ),
    );
    const next = centroids.map((_, k) => {
      const mine = weights.filter((_, i) => nearest[i] === k);
      return mine.length === 0 ? NaN : mine.reduce((a, b) => a + b, 0) / mine.length;
    });
    if (next.some(Number.isNaN)) return { centroids, hadEmpty: true };
    if (next.every((c, k) => c === centroids[k])) return { centroids, hadEmpty: false };
    centroids = next;
  }
}

function gaussian(seed: number, size: number, threshold = 0): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: size }, () => {
    const value = random.normal();
    return Math.abs(value) < threshold ? 0 : value;
  });
}

function squaredError(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
}

describe('shareWeights', () => {
  it('finds the centroids of the plain algorithm', () => {
    let compared = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const weights = gaussian(seed, 200);
      const slow = slowLloyd(Array.from(weights), 6);
      if (slow.hadEmpty) continue;
      compared++;
      const { codebook } = shareWeights(weights, { levels: 6 });
      expect(codebook).toHaveLength(6);
      codebook.forEach((value, k) => expect(value).toBeCloseTo(slow.centroids[k], 6));
    }
    expect(compared).toBeGreaterThan(10);
  });

  it('takes the same steps as the plain algorithm, from evenly spaced centroids, for any weights', () => {
    const given = fc.record({
      seed: fc.integer({ min: 1, max: 1e6 }),
      size: fc.integer({ min: 30, max: 200 }),
      levels: fc.integer({ min: 2, max: 8 }),
      // Of the normal distribution: from nearly two values to long tails.
      power: fc.constantFrom(0.1, 0.5, 1, 3),
    });
    fc.assert(
      fc.property(given, ({ seed, size, levels, power }) => {
        const weights = gaussian(seed, size).map((value) => Math.sign(value) * Math.abs(value) ** power);
        const slow = slowLloyd(Array.from(weights), levels);
        fc.pre(!slow.hadEmpty);
        const { codebook } = shareWeights(weights, { levels });
        expect(codebook).toHaveLength(levels);
        codebook.forEach((value, k) => expect(value).toBeCloseTo(slow.centroids[k], 5));
      }),
    );
  });

  it('goes on until nothing changes, however many iterations that takes', () => {
    const weights = gaussian(6, 200_000);
    const settled = shareWeights(weights, { levels: 32 });
    expect(settled).toEqual(shareWeights(weights, { levels: 32, maxIterations: 1e9 }));
    expect(settled).not.toEqual(shareWeights(weights, { levels: 32, maxIterations: 20 }));
  });

  it('stops only where no weight has a nearer centroid and each centroid is the mean of its weights', () => {
    for (const start of [
      'linear',
      'density',
      'random',
      'blend',
    ] as const satisfies readonly CentroidStart[]) {
      const weights = gaussian(5, 3000, 1.2);
      const shared = shareWeights(weights, { levels: 16, start, random: new Random(3) });
      expect(shared.codes).toEqual(assignNearest(weights, shared.codebook).codes);
      shared.codebook.forEach((centroid, k) => {
        const mine = weights.filter((_, i) => shared.codes[i] === k + 1);
        expect(centroid).toBeCloseTo(mine.reduce((a, b) => a + b, 0) / mine.length, 6);
      });
    }
  });

  it('keeps removed weights removed and every survivor alive', () => {
    const weights = gaussian(2, 1000, 1.5);
    const { codes } = shareWeights(weights, { levels: 8 });
    weights.forEach((w, i) => expect(codes[i] === 0).toBe(w === 0));
  });

  it('uses every level although pruning leaves a gap around zero', () => {
    expect(shareWeights(gaussian(4, 5000, 2.5), { levels: 32 }).codebook).toHaveLength(32);
  });

  it('is exact when there are no more different weights than levels', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(-0.5, -0, 0, 0.25, 1, 3), { maxLength: 50 }), (values) => {
        const weights = Float32Array.from(values);
        const back = weightsOf(shareWeights(weights, { levels: 4 }));
        back.forEach((value, i) => expect(value).toBe(weights[i] === 0 ? 0 : weights[i]));
      }),
    );
  });

  it('never does worse with more levels on the same start', () => {
    const weights = gaussian(8, 2000, 1);
    const errors = [2, 4, 8, 16, 32].map((levels) =>
      squaredError(weights, weightsOf(shareWeights(weights, { levels, start: 'density' }))),
    );
    expect([...errors].sort((a, b) => b - a)).toEqual(errors);
  });

  it('handles tensors that are empty, all removed, or of one value', () => {
    expect(shareWeights(new Float32Array(0), { levels: 4 }).codebook).toHaveLength(0);
    expect(shareWeights(new Float32Array(9), { levels: 4 }).codebook).toHaveLength(0);
    expect(Array.from(shareWeights(Float32Array.of(0, 2, 2), { levels: 4 }).codes)).toEqual([0, 1, 1]);
  });

  it('refuses weights that are no numbers, and impossible options', () => {
    expect(() => shareWeights(Float32Array.of(1, NaN), { levels: 2 })).toThrow(
      /ENCODING_NOT_FINITE.*index 1/,
    );
    expect(() => shareWeights(Float32Array.of(1), { levels: 0 })).toThrow(/ENCODING_OPTION/);
    expect(() => shareWeights(gaussian(1, 50), { levels: 2, start: 'random' })).toThrow(/random/);
  });
});
