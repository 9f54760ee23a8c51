/**
 * What the page holds of one series: columns of buckets, cut and appended to as `view.series` says. Pure: `applyPart` gives
 * new columns; memory is shared with the old ones where there is room, so those must not be used afterwards.
 */
import type { Buckets } from '@espalier/protocol/view';

export interface SeriesColumns extends Buckets {
  /** Buckets; the arrays are as long. */
  readonly length: number;
}

export interface SeriesPart {
  readonly reset: boolean;
  readonly from: number;
  readonly count: number;
  readonly total: number;
}

const COLUMNS = ['x', 'min', 'max', 'last'] as const;
const LEAST_ROOM = 64;

export const NO_BUCKETS: SeriesColumns = columnsOf(0, () => new Float64Array(0));

/** @returns undefined where the part does not fit what is held: something was lost, and the whole must be asked for again. */
export function applyPart(
  held: SeriesColumns,
  part: SeriesPart,
  buckets: Buckets,
): SeriesColumns | undefined {
  const from = part.reset ? 0 : part.from;
  const length = from + part.count;
  if (from > held.length || length !== part.total) return undefined;
  return columnsOf(length, (name) => {
    const column = withRoom(held[name], { from, length });
    column.set(buckets[name], from);
    return column;
  });
}

/** An array of `length` with the first `from` values of `column`: in its memory, where that suffices. */
function withRoom(
  column: Float64Array,
  { from, length }: { readonly from: number; readonly length: number },
): Float64Array {
  if (length * column.BYTES_PER_ELEMENT <= column.buffer.byteLength)
    return new Float64Array(column.buffer, 0, length);
  const room = new ArrayBuffer(Math.max(LEAST_ROOM, length * 2) * column.BYTES_PER_ELEMENT);
  const grown = new Float64Array(room, 0, length);
  grown.set(column.subarray(0, from));
  return grown;
}

function columnsOf(length: number, column: (name: keyof Buckets) => Float64Array): SeriesColumns {
  const [x, min, max, last] = COLUMNS.map(column);
  return { length, x, min, max, last };
}
