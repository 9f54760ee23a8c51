import { seriesBuckets } from './series-buckets';

it('few series come with all their points, many with fewer each', () => {
  expect([0, 1, 10, 16, 17, 100, 2_000].map(seriesBuckets)).toEqual([
    16_384, 16_384, 16_384, 16_384, 8_192, 2_048, 128,
  ]);
});
