/** What a plugin's observer has published, as series of its run: `plugin/NAME/SERIES`. */
import type { JsonValue } from '@espalier/base';
import { VIEW_LIMITS, type PointsBody } from './messages/view';

type SeriesPoints = PointsBody['series'][number];

/** A name of a series on the wire has so many letters; in bytes, so that as many names as of others fit a message. */
const MAX_NAME_BYTES = 160;

const PREFIX = 'plugin/';

/** Is it a series of an observer, whose x are its own? */
export function isObservedSeries(name: string): boolean {
  return name.startsWith(PREFIX);
}

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
    const name = wireName(`${PREFIX}${plugin}/${point.series}`);
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

function wireName(name: string): string {
  const bytes = new TextEncoder().encode(name.replace(/[*\p{Cc}]/gu, '_')).subarray(0, MAX_NAME_BYTES);
  // A letter that was cut through is decoded to U+FFFD.
  return new TextDecoder().decode(bytes).replace(/\uFFFD+$/, '');
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
