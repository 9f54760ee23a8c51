import { isFolded, seriesBuckets } from './series-buckets';

it('few series come with all their points, many with fewer each', () => {
  expect([0, 1, 10, 16, 17, 100, 2_000].map(seriesBuckets)).toEqual([
    16_384, 16_384, 16_384, 16_384, 8_192, 2_048, 128,
  ]);
});

it('a series is folded when a bucket has more than one value', () => {
  const x = Float64Array.of(1, 2, 3);
  const one = Float64Array.of(5, NaN, 7);
  expect(isFolded({ x, min: one, max: one, last: one })).toBe(false);
  expect(isFolded({ x, min: one, max: Float64Array.of(5, NaN, 8), last: one })).toBe(true);
});
