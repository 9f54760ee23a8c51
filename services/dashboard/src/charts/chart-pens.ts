/** What a chart draws beside lines: bars of dense series, dots of lone values and measurements. */
import type { Buckets } from '@espalier/protocol/view';
import type { BarRaster } from './bar-raster';
import { bucketsWithin, yOf, type Frame, type Pen } from './trace';

/** More marks than these hide their line. */
const MOST_MARKS = 60;

interface BarLooks {
  readonly pixel: number;
  readonly dashes: readonly number[];
  readonly thickness: number;
}

/** Bars are as high as a line is thick at least, and have the gaps of a dashed line. */
export function barsOn(raster: BarRaster, { pixel, dashes, thickness }: BarLooks): Pen['bar'] {
  const period = dashes.reduce((sum, length) => sum + length, 0);
  const isGap = (x: number): boolean => {
    if (period === 0) return false;
    let place = x % period;
    let i = 0;
    while (place >= dashes[i]) place -= dashes[i++];
    return i % 2 === 1;
  };
  return (x, top, bottom) => {
    if (isGap(x)) return;
    const from = Math.round(top - thickness / 2);
    raster.bar(x, from, from + Math.ceil(bottom - top + thickness), pixel);
  };
}

export function drawDots(
  ctx: CanvasRenderingContext2D,
  buckets: Buckets,
  frame: Frame,
  radius: number,
): void {
  const { x, last } = buckets;
  const [first, end] = bucketsWithin(buckets, frame.from, frame.to);
  if (end - first > MOST_MARKS) return;
  const toY = yOf(frame);
  const scale = frame.width / (frame.to - frame.from || 1);
  for (let i = first; i < end; i++) {
    if (Number.isNaN(last[i]) || x[i] < frame.from || x[i] > frame.to) continue;
    drawDot(ctx, frame.left + (x[i] - frame.from) * scale, toY(last[i]), radius);
  }
}

/** Does not touch the path that is being made. */
export function drawDot(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  const dot = new Path2D();
  dot.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill(dot);
}
