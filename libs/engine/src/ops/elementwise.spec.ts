import { expectOperation } from '../test-support/check-operation';
import { add, multiply, subtract } from './arithmetic';
import { broadcastTo } from './broadcast-to';
import { scalar } from './constant';
import { l2Loss } from './l2-loss';
import { reduceMean, reduceSum } from './reduce-sum';
import { relu } from './relu';
import { reshape } from './reshape';
import { abs, rsqrt, square } from './unary';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

describe('element-wise operations agree compiled and eager, and their gradients with finite differences', () => {
  it('adds arrays of one shape', () =>
    expectOperation(
      [
        [2, 3],
        [2, 3],
      ],
      add,
    ));
  it('adds with a broadcast of either side', async () => {
    await expectOperation([[2, 3, 4], [4]], add);
    await expectOperation(
      [
        [3, 1],
        [2, 3, 4],
      ],
      add,
    );
  });
  it('subtracts with a broadcast', () =>
    expectOperation(
      [
        [2, 1],
        [2, 3],
      ],
      subtract,
    ));
  it('multiplies with a broadcast', () => expectOperation([[4], [2, 3, 4]], multiply));
  it('adds up the gradients of a value that is used twice', () =>
    expectOperation([[3, 2]], (x) => multiply(x, add(x, x))));
  it('squares', () => expectOperation([[2, 3]], square));
  it('takes 1 / sqrt(x) of numbers above 0', () =>
    expectOperation([[2, 3]], (x) => rsqrt(add(square(x), scalar(1)))));
  it('takes the absolute value', () => expectOperation([[2, 5]], abs));
  it('keeps what is above 0', () => expectOperation([[3, 4]], relu));
  it('sums over some axes, and over all', async () => {
    await expectOperation([[2, 3, 4]], (x) => reduceSum(x, [0, 2]));
    await expectOperation([[2, 3]], (x) => reduceSum(x));
  });
  it('averages over some axes', () => expectOperation([[2, 3, 4]], (x) => reduceMean(x, [1])));
  it('repeats axes of size 1', () => expectOperation([[2, 1, 3]], (x) => broadcastTo(x, [2, 4, 3])));
  it('reshapes', () => expectOperation([[2, 6]], (x) => reshape(x, [3, 2, 2])));
  it('halves the sum of squares', () => expectOperation([[3, 3]], l2Loss));
});
