import { networkByName } from '@espalier/models';
import { tinyNetwork } from '../test-support/tiny';
import { initialValues } from './initial-values';

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

describe('initial values', () => {
  it('have the variance of He before a relu and of Glorot elsewhere', () => {
    const values = initialValues(networkByName('lenet-5'), 1);
    expect(deviation(values.get('fc1/kernel') as Float32Array)).toBeCloseTo(Math.sqrt(2 / 800), 3);
    expect(deviation(values.get('conv2/kernel') as Float32Array)).toBeCloseTo(Math.sqrt(2 / (25 * 70)), 3);
    expect(values.get('fc1/bias')?.every((value) => value === 0)).toBe(true);
  });

  it('are a function of seed and tensor: another layer changes nothing', () => {
    const dense = (name: string, units: number) => ({ type: 'dense', name, units });
    const flatten = { type: 'flatten', name: 'flatten' };
    const [one, two] = [
      tinyNetwork([flatten, dense('fc1', 4)]),
      tinyNetwork([flatten, dense('fc1', 4), dense('fc2', 3)]),
    ];
    expect(initialValues(two, 5).get('fc1/kernel')).toEqual(initialValues(one, 5).get('fc1/kernel'));
    expect(initialValues(one, 6).get('fc1/kernel')).not.toEqual(initialValues(one, 5).get('fc1/kernel'));
  });

  it('make a batch norm the identity', () => {
    const values = initialValues(
      tinyNetwork([
        { type: 'flatten', name: 'flatten' },
        { type: 'batchNorm', name: 'bn' },
        { type: 'dense', name: 'out', units: 4 },
      ]),
      1,
    );
    expect(
      ['gamma', 'beta', 'movingMean', 'movingVariance'].map((role) => values.get(`bn/${role}`)?.[0]),
    ).toEqual([1, 0, 0, 1]);
  });
});
