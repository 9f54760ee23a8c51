import type { Buckets } from '@espalier/protocol/view';
import fc from 'fast-check';
import { NO_BUCKETS, applyPart, type SeriesColumns } from './series-columns';

function buckets(...values: number[]): Buckets {
  const column = (add: number): Float64Array => Float64Array.from(values, (value) => value + add);
  return { x: column(0), min: column(-1), max: column(1), last: column(0.5) };
}

function append(held: SeriesColumns, from: number, ...values: number[]): SeriesColumns | undefined {
  const part = { reset: false, from, count: values.length, total: from + values.length };
  return applyPart(held, part, buckets(...values));
}

describe('columns of a series', () => {
  it('begin with what a reset brings', () => {
    const part = { reset: true, from: 0, count: 2, total: 2 };
    const { length, ...columns } = applyPart(NO_BUCKETS, part, buckets(3, 4)) as SeriesColumns;
    expect(length).toBe(2);
    expect(columns).toEqual(buckets(3, 4));
  });

  it('forget everything at a reset', () => {
    const held = append(NO_BUCKETS, 0, 1, 2, 3) as SeriesColumns;
    const after = applyPart(held, { reset: true, from: 0, count: 1, total: 1 }, buckets(9));
    expect(after?.x).toEqual(Float64Array.of(9));
  });

  it('replace the bucket that was still growing, and go on', () => {
    const held = append(NO_BUCKETS, 0, 1, 2, 3) as SeriesColumns;
    expect(append(held, 2, 30, 40)?.x).toEqual(Float64Array.of(1, 2, 30, 40));
  });

  it('keep NaN, which separates rounds', () => {
    expect(append(NO_BUCKETS, 0, 1, NaN, 2)?.last).toEqual(Float64Array.of(1.5, NaN, 2.5));
  });

  it.each([
    ['leaves a gap', { reset: false, from: 4, count: 1, total: 5 }],
    ['does not come out at its total', { reset: false, from: 3, count: 1, total: 5 }],
  ])('refuse a part that %s', (_what, part) => {
    const held = append(NO_BUCKETS, 0, 1, 2, 3) as SeriesColumns;
    expect(applyPart(held, part, buckets(5))).toBeUndefined();
  });

  it('are what an array cut and appended to would be, over any course', () => {
    const step = fc.record({
      cut: fc.nat(200),
      add: fc.array(fc.nat(), { maxLength: 200 }),
      reset: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let expected: number[] = [];
        let held: SeriesColumns | undefined = NO_BUCKETS;
        for (const { cut, add, reset } of steps) {
          const from = reset ? 0 : Math.min(cut, expected.length);
          expected = [...expected.slice(0, from), ...add];
          const part = { reset, from, count: add.length, total: expected.length };
          held = held && applyPart(held, part, buckets(...add));
        }
        expect([...(held?.x ?? [])]).toEqual(expected);
        expect(held?.max).toHaveLength(expected.length);
      }),
    );
  });
});
