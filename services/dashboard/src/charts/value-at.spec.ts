import { valueAt } from './value-at';

const y = Float64Array.of(1, NaN, 3, 4);
const buckets = { x: Float64Array.of(10, 11, 20, 30), min: y, max: y, last: y };

it('a value holds until the next one', () => {
  expect([10, 15, 20, 29, 30, 99].map((step) => valueAt(buckets, step)?.last)).toEqual([1, 1, 3, 3, 4, 4]);
});

it('before the first there is none', () => {
  expect(valueAt(buckets, 9)).toBeUndefined();
  expect(valueAt({ x: new Float64Array(0), min: y, max: y, last: y }, 9)).toBeUndefined();
});
