/** What a plugin's observer has published, as series of its run: `plugin/NAME/SERIES`. */
import type { JsonValue } from '@espalier/base';
import { VIEW_LIMITS, type PointsBody } from './messages/view';

type SeriesPoints = PointsBody['series'][number];

/** A name of a series on the wire has so many letters. */
const MAX_NAME = 160;

/**
 * The points among these observations, by series, in the form of a `points`: x as whole numbers, ever greater; what goes back, or is no
 * finite number, is left out, and so are tables. As many as one `points` may have.
 * @param plugin its name
 */
export function observedSeries(plugin: string, observations: readonly JsonValue[]): SeriesPoints[] {
  const found = new Map<string, SeriesPoints>();
  let left: number = VIEW_LIMITS.maxPoints;
  for (const observation of observations) {
    const point = pointIn(observation);
    if (!point || left === 0) continue;
    const name = `plugin/${plugin}/${point.series}`.replace(/[*\p{Cc}]/gu, '_').slice(0, MAX_NAME);
    const series = found.get(name) ?? { name, x: [], y: [] };
    if (!found.has(name) && found.size === VIEW_LIMITS.maxSeries) continue;
    if (series.x.length > 0 && point.x <= series.x[series.x.length - 1]) continue;
    found.set(name, series);
    series.x.push(point.x);
    series.y.push(point.y);
    left--;
  }
  return [...found.values()];
}

function pointIn(
  value: JsonValue,
): { readonly series: string; readonly x: number; readonly y: number } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { kind, series, x, y } = value as { readonly [key: string]: JsonValue | undefined };
  if (kind !== 'point' || typeof series !== 'string' || typeof x !== 'number' || typeof y !== 'number') {
    return undefined;
  }
  const step = Math.round(x);
  return Number.isSafeInteger(step) && step >= 0 && Number.isFinite(y) ? { series, x: step, y } : undefined;
}
