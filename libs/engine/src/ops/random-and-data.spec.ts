import { expectOperation, runBoth } from '../test-support/check-operation';
import { cast } from './cast';
import { constant } from './constant';
import { feed } from './feed';
import { gatherRows } from './gather-rows';
import { keepMask } from './keep-mask';
import { lookup } from './lookup';
import { philoxUniform } from './philox';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

describe('random numbers', () => {
  it('the mask of a dropout is the same bits compiled and eager, for odd sizes and large keys too', async () => {
    const key = feed('key', 'int32', [1, 2]);
    const y = keepMask(key, { shape: [7, 11], rate: 0.3, stream: 5 });
    const other = keepMask(key, { shape: [7, 11], rate: 0.3, stream: 6 });
    const { compiled, eager } = await runBoth(
      { fetches: { y, other } },
      { key: Int32Array.of(-123456789, 41) },
    );
    expect(compiled.y).toEqual(eager.y);
    expect(compiled.y).not.toEqual(compiled.other);
    expect(new Set(compiled.y)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
  });

  it('the numbers are uniform', () => {
    const values = philoxUniform([1, 2], 3, 20_000);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
  });
});

describe('a data set in the session', () => {
  it('gives its rows in the order that is asked for', async () => {
    const variable = { name: 'images', dtype: 'uint8', shape: [4, 2] } as const;
    const y = cast(gatherRows(variable, feed('indices', 'int32', [3])), 'int32');
    const rows = Uint8Array.of(0, 1, 10, 11, 20, 21, 30, 255);
    const { compiled, eager } = await runBoth(
      { fetches: { y }, variables: [[variable, rows]] },
      { indices: Int32Array.of(3, 0, 3) },
    );
    expect([...compiled.y]).toEqual([30, 255, 0, 1, 30, 255]);
    expect([...eager.y]).toEqual([...compiled.y]);
  });
});

describe('shared weights', () => {
  const codes = constant('int32', [3, 3], Int32Array.of(0, 1, 2, 2, 2, 0, 1, 3, 4));

  it('the gradient of a centroid is the sum over its weights', () =>
    expectOperation([[4]], (codebook) => lookup(codebook, codes)));

  it('code 0 is exactly +0', async () => {
    const y = lookup(feed('codebook', 'float32', [4]), codes);
    const { compiled, eager } = await runBoth({ fetches: { y } }, { codebook: Float32Array.of(-1, 2, 3, 4) });
    expect(Object.is(compiled.y[0], 0)).toBe(true);
    expect([...compiled.y]).toEqual([0, -1, 2, 2, 2, 0, -1, 3, 4]);
    expect([...eager.y]).toEqual([...compiled.y]);
  });
});
