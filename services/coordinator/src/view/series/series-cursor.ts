/**
 * What one viewer has of the series that it watches, and what it lacks. A cursor is a value: two viewers with the same cursor lack the same,
 * so that it is worked out once (`SeriesFeed`).
 */
import type { Topic, ViewHeader } from '@espalier/protocol';
import type { BucketSeries } from './bucket-series';
import type { NamedSeries, RunSeries } from './run-series';

export type SeriesTopic = Extract<Topic, { readonly kind: 'series' }>;

/** Bytes of buckets in one message, unless a single series has more. Small beside what a socket may hold. */
const MESSAGE_BYTES = 256 * 1024;
/** Series in one message: their names must fit a header. */
const MESSAGE_PARTS = 256;

/** What a viewer has of one series. */
interface Seen {
  /** Of the series. */
  readonly version: number;
  readonly generation: number;
  /** First bucket of the series that it has. */
  readonly start: number;
  /** Buckets of the series in each of the viewer's: a power of two. */
  readonly factor: number;
  /** First bucket of the series that the viewer's last one is made of, and how many it has before that. */
  readonly openAt: number;
  readonly before: number;
  readonly total: number;
  /** The end of what it asked for lay behind: nothing of it changes any more. */
  readonly closed: boolean;
}

export interface SeriesCursor {
  readonly seen: ReadonlyMap<string, Seen>;
  /** Where in the list of names to go on: no series waits because another changes all the time. */
  readonly turn: number;
}

export const NOTHING_SEEN: SeriesCursor = { seen: new Map(), turn: 0 };

export type SeriesPart = ViewHeader<'view.series'>['parts'][number];

export interface SeriesStep {
  readonly parts: readonly SeriesPart[];
  /** Columns of the parts, one part after the other. */
  readonly values: Float64Array;
  readonly next: SeriesCursor;
  /** Nothing is lacking after this. */
  readonly complete: boolean;
}

/** The next message for who has `cursor`, as much as one message takes. Without parts when it lacks nothing. */
export function nextStep(
  cursor: SeriesCursor,
  run: RunSeries,
  { topic, names }: { readonly topic: SeriesTopic; readonly names: readonly string[] },
): SeriesStep {
  const seen = new Map(cursor.seen);
  const parts: SeriesPart[] = [];
  const pieces: Float64Array[] = [];
  let bytes = 0;
  let complete = true;
  let turn = cursor.turn;
  const add = (part: SeriesPart, values: Float64Array): void => {
    parts.push(part);
    pieces.push(values);
    bytes += values.byteLength;
  };
  for (let i = 0; i < names.length; i++) {
    const at = (cursor.turn + i) % names.length;
    const series = run.get(names[at]);
    if (!series || seen.get(series.name)?.version === series.version) continue;
    if (parts.length >= MESSAGE_PARTS || bytes >= MESSAGE_BYTES) {
      complete = false;
      turn = at;
      break;
    }
    const { part, values, now } = lacking(series, seen.get(series.name), topic);
    seen.set(series.name, now);
    if (part.count > 0 || part.reset) add(part, values);
  }
  if (complete && seen.size > names.length) {
    const present = new Set(names);
    for (const name of seen.keys()) {
      if (present.has(name) || parts.length >= MESSAGE_PARTS) continue;
      seen.delete(name);
      add({ name, reset: true, from: 0, count: 0, total: 0 }, new Float64Array(0));
    }
    complete = seen.size <= names.length;
  }
  return { parts, values: joined(pieces, bytes), next: { seen, turn }, complete };
}

/** Does a name match one of the patterns: exact, or with `*` at the end? */
export function matchingNames(names: readonly string[], patterns: readonly string[]): readonly string[] {
  const exact = new Set(patterns);
  const beginnings = patterns.filter((one) => one.endsWith('*')).map((one) => one.slice(0, -1));
  return names.filter(
    (name) => exact.has(name) || beginnings.some((beginning) => name.startsWith(beginning)),
  );
}

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Lacking {
  readonly part: SeriesPart;
  readonly values: Float64Array;
  readonly now: Seen;
}

function lacking(
  { name, version, buckets }: NamedSeries,
  seen: Seen | undefined,
  topic: SeriesTopic,
): Lacking {
  const range = rangeOf(buckets, topic);
  if (seen?.generation === buckets.generation && seen.start === range.start) {
    const { total: had } = seen;
    if (seen.closed) {
      const part = { name, reset: false, from: had, count: 0, total: had };
      return { part, values: new Float64Array(0), now: { ...seen, version } };
    }
    const starts = groupStarts(buckets, { ...range, start: seen.openAt }, seen.factor);
    const total = seen.before + starts.length;
    if (total <= topic.buckets) {
      const from = Math.min(seen.before, had);
      return answer({
        name,
        version,
        buckets,
        starts,
        range,
        factor: seen.factor,
        from,
        reset: false,
      });
    }
  }
  let factor = 1;
  let starts = groupStarts(buckets, range, factor);
  while (starts.length > topic.buckets && factor < buckets.length) {
    factor *= 2;
    starts = groupStarts(buckets, range, factor);
  }
  return answer({ name, version, buckets, starts, range, factor, from: 0, reset: true });
}

interface Answer {
  readonly name: string;
  readonly version: number;
  readonly buckets: BucketSeries;
  readonly starts: readonly number[];
  readonly range: Range;
  readonly factor: number;
  readonly from: number;
  readonly reset: boolean;
}

function answer({ name, version, buckets, starts, range, factor, from, reset }: Answer): Lacking {
  const count = starts.length;
  const total = from + count;
  const { generation } = buckets;
  const now = {
    version,
    generation,
    start: range.start,
    factor,
    openAt: starts.at(-1) ?? range.end,
    before: Math.max(0, total - 1),
    total,
    closed: range.end < buckets.length,
  };
  return { part: { name, reset, from, count, total }, values: columnsOf(buckets, starts, range.end), now };
}

/** Buckets from `from` to `to`, with one more on each side so that lines go on to the edge. */
function rangeOf({ x, length }: BucketSeries, { from, to }: SeriesTopic): Range {
  const start = from === undefined ? 0 : Math.max(0, firstAtLeast(x, length, from) - 1);
  const end = to === undefined ? length : Math.min(length, firstAtLeast(x, length, to) + 1);
  return { start, end };
}

function firstAtLeast(x: Float64Array, length: number, value: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where each of the viewer's buckets begins: so many neighbours are one, but a gap stays alone. */
function groupStarts(buckets: BucketSeries, { start, end }: Range, factor: number): number[] {
  const starts: number[] = [];
  let size = 0;
  for (let i = start; i < end; i++) {
    const gap = buckets.isGap(i);
    if (size === 0 || size === factor || gap) {
      starts.push(i);
      size = gap ? factor : 1;
    } else {
      size++;
    }
  }
  return starts;
}

/** x, min, max, last of each group, as they travel. */
function columnsOf(buckets: BucketSeries, starts: readonly number[], end: number): Float64Array {
  const count = starts.length;
  const values = new Float64Array(4 * count);
  for (let group = 0; group < count; group++) {
    const after = starts[group + 1] ?? end;
    let min = buckets.min[starts[group]];
    let max = buckets.max[starts[group]];
    for (let i = starts[group] + 1; i < after; i++) {
      min = Math.min(min, buckets.min[i]);
      max = Math.max(max, buckets.max[i]);
    }
    values[group] = buckets.x[after - 1];
    values[count + group] = min;
    values[2 * count + group] = max;
    values[3 * count + group] = buckets.last[after - 1];
  }
  return values;
}

function joined(pieces: readonly Float64Array[], bytes: number): Float64Array {
  const all = new Float64Array(bytes / 8);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
