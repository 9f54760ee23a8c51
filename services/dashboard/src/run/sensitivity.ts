/** Error against the share of a layer that is kept: where points and lines of a chart stand, and what they say. Pure. */
import type { SensitivityCurveView, SensitivityPointView, SensitivityView } from '@espalier/protocol/view';

/** Both axes are logarithmic: what matters lies between one and ten percent of each. */
export interface SensitivityScale {
  /** At the right edge; the whole layer is at the left one. */
  readonly fewestKept: number;
  readonly fromError: number;
  readonly toError: number;
}

const MARKS = ['circle', 'square', 'triangle'] as const;

/** The colours are fewer than the layers of a deep network. */
export type MarkName = (typeof MARKS)[number];

export function markOf(layer: number, colours: number): MarkName {
  return MARKS[Math.floor(layer / colours) % MARKS.length];
}

/** Of a path around a place. */
export function markPath(mark: MarkName, x: number, y: number, r: number): string {
  if (mark === 'square') return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
  if (mark === 'triangle') return `M${x} ${y - r * 1.3}l${r * 1.3} ${r * 2.2}h${-r * 2.6}z`;
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
}

/** Room for every point that there is, and for the dense network. */
export function sensitivityScale({ denseError, curves }: SensitivityView): SensitivityScale {
  const points = curves.flatMap((curve) => curve.points);
  const errors = points.flatMap(({ error, retrainedError }) => [error, retrainedError]);
  const positive = [...errors, denseError ?? 0].filter((error) => error > 0);
  const lowest = positive.length === 0 ? 0.01 : Math.min(...positive);
  const highest = positive.length === 0 ? 0.1 : Math.max(...positive);
  return {
    fewestKept: Math.min(0.5, ...points.map(({ keep }) => keep)) / 1.1,
    fromError: lowest / 1.25,
    toError: Math.max(highest * 1.15, lowest * 2),
  };
}

/** 0 to 1 from the left. */
export function placeKept(keep: number, { fewestKept }: SensitivityScale): number {
  return Math.log(keep) / Math.log(fewestKept);
}

/** 0 to 1 from above; no error at all has no place on this axis, and stands at its end. */
export function placeError(error: number, { fromError, toError }: SensitivityScale): number {
  if (error <= fromError) return 1;
  return 1 - Math.log(error / fromError) / Math.log(toError / fromError);
}

/** From the most to the least kept, in whatever order they were measured. */
export function orderedPoints({ points }: SensitivityCurveView): readonly SensitivityPointView[] {
  return [...points].sort((a, b) => b.keep - a.keep);
}

export interface LinePoint {
  readonly keep: number;
  readonly error: number;
}

/** A line of the chart; it begins with the whole layer, which has the error of the dense network. */
export function lineOf(
  curve: SensitivityCurveView,
  which: 'error' | 'retrainedError',
  denseError: number | undefined,
): readonly LinePoint[] {
  const points = orderedPoints(curve).map((point) => ({ keep: point.keep, error: point[which] }));
  return denseError === undefined || points[0]?.keep === 1
    ? points
    : [{ keep: 1, error: denseError }, ...points];
}
