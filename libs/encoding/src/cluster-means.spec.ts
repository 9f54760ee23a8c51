import { Random } from '@espalier/base';
import { clusterMeans } from './cluster-means';
import { assignNearest } from './nearest-level';
import { shareWeights } from './share-weights';

const random = new Random(3);
const weights = Float32Array.from({ length: 5000 }, (_, i) => (i % 3 === 0 ? 0 : random.normal()));

describe('clusterMeans', () => {
  it('gives the mean of the weights of each level, and leaves one alone that has none', () => {
    const codes = Uint16Array.of(1, 0, 3, 1, 3, 0);
    const means = clusterMeans(Float32Array.of(-1, 50, 2, -3, 5, 0), {
      codes,
      codebook: Float32Array.of(-1, 0.5, 9),
    });
    expect([...means]).toEqual([-2, 0.5, 3.5]);
  });

  it('comes, step by step, to a codebook that stays, about as good as that of k-means', () => {
    let codebook: Float32Array = Float32Array.of(-2.5, -1, -0.3, 0.2, 1.1, 2);
    for (let last = ''; last !== codebook.join();) {
      last = codebook.join();
      codebook = clusterMeans(weights, assignNearest(weights, codebook));
      expect(codebook).toEqual(codebook.slice().sort());
    }
    const assigned = assignNearest(weights, codebook);
    const settled = shareWeights(weights, { levels: 6, start: 'linear' });
    const error = ({ codes, codebook: levels }: typeof assigned): number =>
      weights.reduce(
        (sum, weight, i) => sum + (codes[i] === 0 ? 0 : (weight - levels[codes[i] - 1]) ** 2),
        0,
      );
    expect(error(assigned)).toBeLessThan(1.05 * error(settled));
  });

  it('keeps an ascending codebook ascending, whatever weights move between the levels', () => {
    let codebook: Float32Array = Float32Array.of(-3, -2.9, -0.1, 0.05, 0.051, 2.5, 2.6, 40);
    for (let turn = 0; turn < 50; turn++) {
      const moved = weights.map((weight) => (weight === 0 ? 0 : weight + 0.3 * random.normal()));
      codebook = clusterMeans(moved, assignNearest(moved, codebook));
      expect(codebook).toEqual(codebook.slice().sort());
      expect(codebook[7]).toBe(40);
    }
  });
});
