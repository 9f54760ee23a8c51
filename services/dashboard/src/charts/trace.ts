/**
 * From buckets to what is drawn. Pure: writes to a pen. Few buckets make a line; where pixels are fewer than buckets, each column of
 * pixels gets one bar from its least to its greatest value, so that no spike is lost: to stroke that as a line takes a hundred times
 * as long.
 */
import type { Buckets } from '@espalier/protocol/view';

export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  /** A value alone: there is no other to lead a line to. */
  dot(x: number, y: number): void;
  /** Fills a column of pixels from `top` down to `bottom`; `x` is whole. */
  bar(x: number, top: number, bottom: number): void;
}

/** Where data lies on the canvas, in pixels. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Data at the left and right edge ... */
  readonly from: number;
  readonly to: number;
  /** ... and at the lower and upper one. */
  readonly low: number;
  readonly high: number;
  /** Equal distances are equal ratios; `low` is above 0. */
  readonly log?: boolean;
}

export interface TraceOptions {
  /** A value holds until the next one. */
  readonly steps?: boolean;
}

/** Index of the first x that is not below `value`; `xs` ascends. */
export function firstAtLeast(xs: Float64Array, value: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (xs[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The buckets of a window, and one more on each side, to which lines lead: [first, behind the last]. */
export function bucketsWithin({ x }: Buckets, from: number, to: number): readonly [number, number] {
  const first = Math.max(0, firstAtLeast(x, from) - 1);
  let end = firstAtLeast(x, to);
  if (end < x.length) end++;
  return [first, end];
}

/** Least and greatest value in a window; undefined where there is none. */
export function extentWithin(
  buckets: Buckets,
  from: number,
  to: number,
): { readonly low: number; readonly high: number; readonly lowPositive: number } | undefined {
  const [first, end] = bucketsWithin(buckets, from, to);
  const { min, max } = buckets;
  let low = Infinity;
  let high = -Infinity;
  let lowPositive = Infinity;
  for (let i = first; i < end; i++) {
    // Comparisons with NaN are false: gaps count for nothing.
    if (min[i] < low) low = min[i];
    if (max[i] > high) high = max[i];
    if (min[i] > 0 && min[i] < lowPositive) lowPositive = min[i];
  }
  return low > high ? undefined : { low, high, lowPositive };
}

/** From so many buckets a pixel on there are bars. */
const BARS_FROM = 0.5;

export function trace(buckets: Buckets, frame: Frame, pen: Pen, options: TraceOptions = {}): void {
  const range = bucketsWithin(buckets, frame.from, frame.to);
  if (range[1] - range[0] > frame.width * BARS_FROM) traceBars(buckets, frame, pen, range);
  else traceLine(buckets, frame, pen, { ...options, range });
}

type Range = readonly [number, number];

function traceLine(
  { x, min, max, last }: Buckets,
  frame: Frame,
  pen: Pen,
  { steps = false, range: [first, end] }: TraceOptions & { readonly range: Range },
): void {
  const toX = xOf(frame);
  const toY = yOf(frame);
  let down = false;
  let before = 0;
  for (let i = first; i < end; i++) {
    if (Number.isNaN(last[i])) {
      // Between stages there is nothing to lead a line over; but what holds until the next value holds there, too.
      if (!steps) down = false;
      continue;
    }
    const at = toX(x[i]);
    const y = toY(last[i]);
    if (!down && !steps && !hasValue(last, i + 1)) pen.dot(at, y);
    if (down && steps) pen.lineTo(at, before);
    if (down) pen.lineTo(at, y);
    else pen.moveTo(at, y);
    if (min[i] < max[i]) {
      pen.lineTo(at, toY(min[i]));
      pen.lineTo(at, toY(max[i]));
      pen.lineTo(at, y);
    }
    down = true;
    before = y;
  }
  // The last value still holds.
  if (steps && down && x[x.length - 1] <= frame.to) pen.lineTo(toX(frame.to), before);
}

function hasValue(values: Float64Array, i: number): boolean {
  return i < values.length && !Number.isNaN(values[i]);
}

function traceBars({ x, min, max, last }: Buckets, frame: Frame, pen: Pen, [first, end]: Range): void {
  const toX = xOf(frame);
  const toY = yOf(frame);
  let before = NaN;
  for (let i = first; i < end;) {
    if (Number.isNaN(last[i])) {
      before = NaN;
      i++;
      continue;
    }
    const column = Math.floor(toX(x[i]));
    let low = Infinity;
    let high = -Infinity;
    for (; i < end && !Number.isNaN(last[i]) && Math.floor(toX(x[i])) === column; i++) {
      if (min[i] < low) low = min[i];
      if (max[i] > high) high = max[i];
    }
    // From where the column before was left: without it a steep line had holes.
    const top = before > high ? before : high;
    const bottom = before < low ? before : low;
    pen.bar(column, toY(top), toY(bottom));
    before = last[i - 1];
  }
}

function xOf({ left, width, from, to }: Frame): (x: number) => number {
  const scale = width / (to - from || 1);
  return (x) => left + (x - from) * scale;
}

export function yOf({ top, height, low, high, log }: Frame): (y: number) => number {
  if (!log) {
    const scale = height / (high - low || 1);
    return (y) => top + (high - y) * scale;
  }
  const logHigh = Math.log(high);
  const scale = height / (logHigh - Math.log(low) || 1);
  return (y) => top + (logHigh - Math.log(Math.max(y, low))) * scale;
}
