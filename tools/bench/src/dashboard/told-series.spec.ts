import { ToldSeries } from './told-series';

describe('told series', () => {
  const told = new ToldSeries();
  for (const value of [1, 5, 2, 4]) told.add(value);

  it('agree with buckets that have their extremes and last values', () => {
    expect(
      told.wrong([
        [1, 1, 5, 5],
        [3, 2, 4, 4],
      ]),
    ).toBe(0);
  });

  it.each([
    ['a lost maximum', [[3, 1, 4, 4]]],
    ['a last value that is another', [[3, 1, 5, 2]]],
    ['values at the end that are not there', [[2, 1, 5, 2]]],
  ] as const)('find %s', (_, rows) => {
    expect(told.wrong(rows)).toBe(1);
  });
});
