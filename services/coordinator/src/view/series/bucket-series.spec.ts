import fc from 'fast-check';
import { BucketSeries } from './bucket-series';

const series = (capacity: number): BucketSeries => {
  let generations = 0;
  return new BucketSeries(capacity, () => ++generations);
};

const finite = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
const stages = fc.array(fc.array(finite, { minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 6 });

/** The stages one after the other, with a gap before each but the first. */
function fill(buckets: BucketSeries, values: readonly (readonly number[])[]): { x: number; y: number }[] {
  const told: { x: number; y: number }[] = [];
  for (const stage of values) {
    buckets.gap(told.length);
    for (const y of stage) {
      const point = { x: told.length, y };
      buckets.append(point.x, point.y);
      told.push(point);
    }
  }
  return told;
}

describe('a bucket series', () => {
  it('keeps every value as it is while there is room', () => {
    const buckets = series(8);
    fill(buckets, [[3, 1, 2]]);
    const { x, min, max, last } = buckets.columns();
    expect([x, min, max, last].map((column) => [...column])).toEqual([
      [0, 1, 2],
      [3, 1, 2],
      [3, 1, 2],
      [3, 1, 2],
    ]);
  });

  it('loses no extreme and no last value, however often it has merged', () => {
    fc.assert(
      fc.property(stages, fc.integer({ min: 8, max: 64 }), (values, capacity) => {
        const buckets = series(capacity);
        const told = fill(buckets, values);
        const { x, min, max, last } = buckets.columns();
        expect(x.length).toBeLessThanOrEqual(capacity);
        let from = -Infinity;
        let covered = 0;
        x.forEach((to, i) => {
          if (buckets.isGap(i)) return;
          const inside = told.filter((point) => point.x > from && point.x <= to);
          const ys = inside.map(({ y }) => y);
          // 0 and -0 are one value.
          const expected = [Math.min(...ys), Math.max(...ys), ys.at(-1) as number];
          expect([min[i], max[i], last[i]].map((y) => y + 0)).toEqual(expected.map((y) => y + 0));
          covered += inside.length;
          from = to;
        });
        expect(covered).toBe(told.length);
      }),
    );
  });

  it('merges nothing across a gap, as long as gaps are few', () => {
    const buckets = series(64);
    fill(buckets, [Array.from({ length: 1000 }, () => 1), Array.from({ length: 1000 }, () => 2)]);
    const { min, max } = buckets.columns();
    expect([...min].filter((value, i) => !buckets.isGap(i) && value !== max[i])).toEqual([]);
    expect([...min].filter(Number.isNaN)).toHaveLength(1);
  });

  it('uses at least a third of its room once it was full', () => {
    const buckets = series(64);
    let least = 64;
    for (let i = 0; i < 100_000; i++) {
      buckets.append(i, i);
      if (i >= 64) least = Math.min(least, buckets.length);
    }
    expect(least).toBeGreaterThanOrEqual(21);
  });

  it('cut back says so by another generation, and goes on from there', () => {
    const buckets = series(16);
    fill(buckets, [
      [1, 2],
      [3, 4],
    ]);
    const { generation } = buckets;
    buckets.truncate(1);
    expect([...buckets.columns().last]).toEqual([1, 2]);
    expect(buckets.generation).not.toBe(generation);
    buckets.append(2, 9);
    expect([...buckets.columns().max]).toEqual([1, 2, 9]);
  });
});
