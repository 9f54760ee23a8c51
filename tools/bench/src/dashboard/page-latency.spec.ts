import { delaysOf } from './page-latency';
import { percentile } from './percentile';

describe('delays of events', () => {
  it('end with the first frame that has the event or a later one', () => {
    expect(
      delaysOf(
        [10, 20, 30, 40],
        [
          [25, 10],
          [60, 30],
        ],
      ),
    ).toEqual([15, 40, 30, Infinity]);
  });
});

describe('a percentile', () => {
  it('is the value of the nearest rank', () => {
    const values = Array.from({ length: 200 }, (_, i) => 200 - i);
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)]).toEqual([
      100, 198, 200,
    ]);
    expect(percentile([], 0.5)).toBeNaN();
  });
});
