import { expectOperation } from '../test-support/check-operation';
import { biasAdd } from './bias-add';
import { concat, split } from './concat';
import { conv2d } from './conv2d';
import { localResponseNorm } from './local-response-norm';
import { matMul } from './mat-mul';
import { averagePool, maxPool } from './pool';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

describe('operations of layers agree compiled and eager, and their gradients with finite differences', () => {
  it('multiplies matrices', () =>
    expectOperation(
      [
        [3, 4],
        [4, 2],
      ],
      (a, b) => matMul(a, b),
    ));
  it('adds a bias to rows and to images', async () => {
    await expectOperation([[3, 4], [4]], biasAdd);
    await expectOperation([[2, 2, 2, 3], [3]], biasAdd);
  });
  it('convolves without padding', () =>
    expectOperation(
      [
        [2, 5, 4, 2],
        [3, 2, 2, 3],
      ],
      (x, k) => conv2d(x, k, { stride: [1, 1], padding: 'valid' }),
    ));
  it('convolves with padding and a stride', () =>
    expectOperation(
      [
        [1, 6, 5, 2],
        [3, 3, 2, 2],
      ],
      (x, k) => conv2d(x, k, { stride: [2, 2], padding: 'same' }),
    ));
  it('takes the largest of each window', () =>
    expectOperation([[2, 4, 4, 2]], (x) => maxPool(x, { size: [2, 2], stride: [2, 2], padding: 'valid' })));
  it('takes the largest of windows that overlap and pad', () =>
    expectOperation([[1, 5, 5, 2]], (x) => maxPool(x, { size: [3, 3], stride: [2, 2], padding: 'same' })));
  it('averages windows, padding left out', async () => {
    await expectOperation([[2, 4, 4, 2]], (x) =>
      averagePool(x, { size: [2, 2], stride: [2, 2], padding: 'valid' }),
    );
    await expectOperation([[1, 5, 5, 1]], (x) =>
      averagePool(x, { size: [3, 3], stride: [2, 2], padding: 'same' }),
    );
  });
  it('normalises over neighbouring channels', () =>
    expectOperation([[1, 2, 2, 6]], (x) =>
      localResponseNorm(x, { radius: 2, bias: 1, alpha: 0.3, beta: 0.75 }),
    ));
  it('joins along an axis', () =>
    expectOperation(
      [
        [2, 3, 1],
        [2, 3, 2],
        [2, 3, 1],
      ],
      (a, b, c) => concat([a, b, c], 2),
    ));
  it('splits along an axis, also where one part is not used', () =>
    expectOperation([[2, 6]], (x) => {
      const [first, , third] = split(x, [1, 2, 3], 1);
      return concat([third, first], 1);
    }));
});
