/**
 * Figures of a stage that wait for the hub, by series. Memory is bounded however long it is away: when too many wait, windows of
 * points are replaced by the least and the greatest in each, so that no extreme is lost.
 */
import { VIEW_LIMITS, type PointsBody } from '@espalier/protocol';

type SeriesPoints = PointsBody['series'][number];

export interface WaitingLimits {
  /** Points that wait, before windows take their place. */
  readonly maxWaiting: number;
  readonly maxSeries: number;
}

/** Some seconds of a small network's steps. */
const LIMITS: WaitingLimits = { maxWaiting: 4_000, maxSeries: 4_096 };

/** As much of a message as points may fill: 64 KiB is the most for all of it. */
const MAX_MESSAGE_BYTES = 48 * 1024;
/** A step and a float64 in msgpack. */
const POINT_BYTES = 14;
/** What a series has beside its points. */
const SERIES_BYTES = 24;

const NAME = /^[^*\p{Cc}]{1,160}$/u;

/** Can a series of that name be sent? */
export function isShowable(name: string): boolean {
  return NAME.test(name);
}

interface Series {
  x: number[];
  y: number[];
  /** Of all that came, sent or not. */
  lastX: number;
}

export class WaitingPoints {
  private readonly series = new Map<string, Series>();
  private waiting = 0;

  constructor(private readonly limits: WaitingLimits = LIMITS) {}

  get size(): number {
    return this.waiting;
  }

  /** What is no finite number, or not beyond the last step of its series, is left out; so are names that cannot be sent. */
  add(name: string, x: ArrayLike<number>, y: ArrayLike<number>): void {
    const series = this.series.get(name) ?? this.begin(name);
    if (!series) return;
    for (let i = 0; i < x.length; i++) {
      if (!Number.isSafeInteger(x[i]) || x[i] <= series.lastX || !Number.isFinite(y[i])) continue;
      series.x.push(x[i]);
      series.y.push(y[i]);
      series.lastX = x[i];
      this.waiting++;
    }
    if (this.waiting > this.limits.maxWaiting) this.thin();
  }

  /** As much as one message holds, in order; it waits no more. Empty when nothing waits. */
  take(): SeriesPoints[] {
    const taken: SeriesPoints[] = [];
    let points: number = VIEW_LIMITS.maxPoints;
    let bytes = MAX_MESSAGE_BYTES;
    for (const [name, { x, y }] of this.series) {
      if (x.length === 0) continue;
      const head = SERIES_BYTES + 3 * name.length;
      const count = Math.min(x.length, points, Math.floor((bytes - head) / POINT_BYTES));
      if (count <= 0 || taken.length === VIEW_LIMITS.maxSeries) break;
      taken.push({ name, x: x.splice(0, count), y: y.splice(0, count) });
      this.waiting -= count;
      points -= count;
      bytes -= head + count * POINT_BYTES;
    }
    return taken;
  }

  private begin(name: string): Series | undefined {
    if (!isShowable(name) || this.series.size >= this.limits.maxSeries) return undefined;
    const series: Series = { x: [], y: [], lastX: -1 };
    this.series.set(name, series);
    return series;
  }

  /** A series that has three points left gets no shorter: then it is the number of series that bounds the memory. */
  private thin(): void {
    for (let before = Infinity; this.waiting > this.limits.maxWaiting && this.waiting < before;) {
      before = this.waiting;
      for (const series of this.series.values()) {
        const { x, y } = thinned(series.x, series.y);
        this.waiting -= series.x.length - x.length;
        series.x = x;
        series.y = y;
      }
    }
  }
}

/** Of each four points the least and the greatest, in their order; and the last point as it is. */
export function thinned(
  x: readonly number[],
  y: readonly number[],
): { readonly x: number[]; readonly y: number[] } {
  const few: { x: number[]; y: number[] } = { x: [], y: [] };
  const last = x.length - 1;
  for (let start = 0; start < last; start += 4) {
    const end = Math.min(start + 4, last);
    let least = start;
    let greatest = start;
    for (let i = start + 1; i < end; i++) {
      if (y[i] < y[least]) least = i;
      if (y[i] >= y[greatest]) greatest = i;
    }
    for (const i of least === greatest ? [least] : [Math.min(least, greatest), Math.max(least, greatest)]) {
      few.x.push(x[i]);
      few.y.push(y[i]);
    }
  }
  if (last >= 0) {
    few.x.push(x[last]);
    few.y.push(y[last]);
  }
  return few;
}
