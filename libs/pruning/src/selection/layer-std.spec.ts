import { Mask } from '@espalier/tensor';
import { layerStd, meanMagnitude } from './layer-std';

describe('layerStd', () => {
  it('is the population standard deviation', () => {
    expect(layerStd(Float32Array.of(2, 4, 4, 4, 5, 5, 7, 9))).toBe(2);
    expect(layerStd(new Float32Array(0))).toBe(0);
  });

  it('leaves removed weights out when there is a mask', () => {
    const weights = Float32Array.of(0, 1, 0, 3);
    expect(layerStd(weights, Mask.fromFlags([4], [0, 1, 0, 1]))).toBe(1);
    expect(layerStd(weights)).toBeCloseTo(Math.sqrt(1.5), 12);
  });
});

describe('meanMagnitude', () => {
  it('is the mean |w| of the survivors', () => {
    expect(meanMagnitude(Float32Array.of(-1, 3, 100), Mask.fromFlags([3], [1, 1, 0]))).toBe(2);
    expect(meanMagnitude(new Float32Array(0))).toBe(0);
  });
});
