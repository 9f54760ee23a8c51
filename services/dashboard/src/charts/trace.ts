/**
 * From columns of buckets to a line of pixels. Pure: writes to a pen. Of all buckets that share a column of pixels the first, the least,
 * the greatest and the last are drawn, so that no spike is lost, and no more is drawn than can be seen.
 */
import type { Buckets } from '@espalier/protocol/view';

export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
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

export function trace(buckets: Buckets, frame: Frame, pen: Pen, { steps = false }: TraceOptions = {}): void {
  const { x, min, max, last } = buckets;
  const [first, end] = bucketsWithin(buckets, frame.from, frame.to);
  const toX = xOf(frame);
  const toY = yOf(frame);
  let down = false;
  let before = 0;

  for (let i = first; i < end;) {
    if (Number.isNaN(last[i])) {
      down = false;
      i++;
      continue;
    }
    const at = toX(x[i]);
    const column = Math.floor(at);
    const entry = last[i];
    let low = min[i];
    let high = max[i];
    let leave = entry;
    let count = 1;
    for (i++; i < end && Math.floor(toX(x[i])) === column && !Number.isNaN(last[i]); i++) {
      if (min[i] < low) low = min[i];
      if (max[i] > high) high = max[i];
      leave = last[i];
      count++;
    }
    if (!down) pen.moveTo(at, toY(entry));
    else {
      if (steps) pen.lineTo(at, toY(before));
      pen.lineTo(at, toY(entry));
    }
    if (count > 1 || low < high) {
      pen.lineTo(at, toY(low));
      pen.lineTo(at, toY(high));
      pen.lineTo(at, toY(leave));
    }
    down = true;
    before = leave;
  }
  // The last value still holds.
  if (steps && down && x.length > 0 && x[x.length - 1] <= frame.to) pen.lineTo(toX(frame.to), toY(before));
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
