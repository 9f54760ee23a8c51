import type { Buckets } from '@espalier/protocol/view';
import fc from 'fast-check';
import { bucketsWithin, extentWithin, firstAtLeast, trace, type Frame, type Pen } from './trace';

/** Buckets of one value each. */
function values(...list: (readonly [number, number])[]): Buckets {
  const column = (i: 0 | 1): Float64Array => Float64Array.from(list, (pair) => pair[i]);
  return { x: column(0), min: column(1), max: column(1), last: column(1) };
}

/** A pen that keeps its lines, each a list of points. */
class Notebook implements Pen {
  readonly lines: [number, number][][] = [];
  moveTo(x: number, y: number): void {
    this.lines.push([[x, y]]);
  }
  lineTo(x: number, y: number): void {
    this.lines.at(-1)?.push([x, y]);
  }
  readonly dots: [number, number][] = [];
  dot(x: number, y: number): void {
    this.dots.push([x, y]);
  }
  readonly bars: [number, number, number][] = [];
  bar(x: number, top: number, bottom: number): void {
    this.bars.push([x, top, bottom]);
  }
}

/** 100 x 100 pixels for 0 to 100 in both directions: y counts from above. */
const FRAME: Frame = { left: 0, top: 0, width: 100, height: 100, from: 0, to: 100, low: 0, high: 100 };

function lines(buckets: Buckets, frame: Partial<Frame> = {}, options = {}): [number, number][][] {
  const pen = new Notebook();
  trace(buckets, { ...FRAME, ...frame }, pen, options);
  return pen.lines;
}

describe('a traced series', () => {
  it('is a line from value to value', () => {
    expect(lines(values([0, 0], [50, 80], [100, 20]))).toEqual([
      [
        [0, 100],
        [50, 20],
        [100, 80],
      ],
    ]);
  });

  it('is interrupted where there is no value', () => {
    expect(lines(values([0, 0], [10, 0], [20, NaN], [30, 0], [40, 0])).map((line) => line.length)).toEqual([
      2, 2,
    ]);
  });

  it('is a dot where a value stands alone', () => {
    const pen = new Notebook();
    trace(values([0, 0], [10, 20], [15, NaN], [30, 50], [40, NaN], [50, 80]), FRAME, pen);
    expect(pen.dots).toEqual([
      [30, 50],
      [50, 20],
    ]);
  });

  it('shows least and greatest of a bucket, and goes on from its last', () => {
    const bucket = {
      x: Float64Array.of(10, 20),
      min: Float64Array.of(5, 50),
      max: Float64Array.of(95, 50),
      last: Float64Array.of(40, 50),
    };
    expect(lines(bucket)).toEqual([
      [
        [10, 60],
        [10, 95],
        [10, 5],
        [10, 60],
        [20, 50],
      ],
    ]);
  });

  it('holds its value as steps, up to the edge', () => {
    expect(lines(values([0, 100], [50, 20]), {}, { steps: true })).toEqual([
      [
        [0, 0],
        [50, 0],
        [50, 80],
        [100, 80],
      ],
    ]);
  });

  it('holds its value as steps over the gap between stages', () => {
    expect(lines(values([0, 100], [20, NaN], [50, 20]), {}, { steps: true })).toEqual(
      lines(values([0, 100], [50, 20]), {}, { steps: true }),
    );
  });

  it('is drawn from one bucket before the window to one behind it', () => {
    const buckets = values([0, 1], [10, 1], [20, 1], [30, 1], [40, 1], [50, 1]);
    expect(lines(buckets, { from: 15, to: 35 })[0]).toHaveLength(4);
    expect(bucketsWithin(buckets, 15, 35)).toEqual([1, 5]);
  });

  it('has equal distances for equal ratios on a logarithmic scale', () => {
    const [[first, second, third]] = lines(values([0, 1], [50, 10], [100, 100]), {
      low: 1,
      high: 100,
      log: true,
    });
    expect([first[1], second[1], third[1]]).toEqual([100, 50, 0].map((y) => expect.closeTo(y)));
  });

  it('is a bar a column of pixels where there are more buckets than pixels', () => {
    const pen = new Notebook();
    const ys = Array.from({ length: 1000 }, (_, i) => (i % 10 === 3 ? 90 : i % 10 === 6 ? 10 : 50));
    trace(values(...ys.map((y, i) => [i / 10, y] as const)), FRAME, pen);
    expect(pen.lines).toEqual([]);
    expect(pen.bars).toHaveLength(100);
    expect(pen.bars.every(([, top, bottom]) => top === 10 && bottom === 90)).toBe(true);
  });

  it('has no hole between bars, unless there is no value', () => {
    const ramp = Array.from({ length: 100 }, (_, i) => [i, i === 50 ? NaN : (i * i) / 100] as const);
    const pen = new Notebook();
    trace(values(...ramp), FRAME, pen);
    const holes = pen.bars.slice(1).filter(([, , bottom], i) => bottom < pen.bars[i][1]);
    expect(pen.bars).toHaveLength(99);
    expect(holes.map(([x]) => x)).toEqual([51]);
  });

  it('loses no extreme, however many points share a pixel', () => {
    const points = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 3000 });
    fc.assert(
      fc.property(points, (ys) => {
        const buckets = values(...ys.map((y, i) => [(i * 100) / ys.length, y] as const));
        const pen = new Notebook();
        trace(buckets, FRAME, pen);
        const extents = new Map<number, [number, number]>();
        const seen = (x: number, ...levels: number[]): void => {
          const [low, high] = extents.get(x) ?? [Infinity, -Infinity];
          extents.set(x, [Math.min(low, ...levels), Math.max(high, ...levels)]);
        };
        for (const [x, y] of pen.lines.flat()) seen(Math.floor(x), 100 - y);
        for (const [x, top, bottom] of pen.bars) seen(x, 100 - top, 100 - bottom);
        ys.forEach((y, i) => {
          const [low, high] = extents.get(Math.floor((i * 100) / ys.length)) as [number, number];
          expect(high).toBeGreaterThanOrEqual(y - 1e-9);
          expect(low).toBeLessThanOrEqual(y + 1e-9);
        });
        expect(pen.bars.length).toBeLessThanOrEqual(101);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a window', () => {
  it('has the extent of its values, gaps left out', () => {
    const buckets = values([0, 500], [10, 3], [20, NaN], [30, -2], [40, 8], [50, 900]);
    expect(extentWithin(buckets, 10, 40)).toEqual({ low: -2, high: 500, lowPositive: 3 });
    expect(extentWithin(values([0, NaN]), 0, 1)).toBeUndefined();
    expect(extentWithin(values(), 0, 1)).toBeUndefined();
  });

  it('begins at the first x that is not below it', () => {
    const xs = Float64Array.of(1, 3, 3, 7);
    expect([0, 1, 2, 3, 4, 7, 8].map((x) => firstAtLeast(xs, x))).toEqual([0, 0, 1, 1, 3, 3, 4]);
  });
});
