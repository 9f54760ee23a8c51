import type { Buckets } from '@espalier/protocol/view';

/** Of all series of a run together: 8 MB in the page's memory. */
const BUCKETS_IN_ALL = 2 ** 18;
const MOST = 16_384;
const LEAST = 128;
/** Of a run whose series are not known yet. */
const USUAL_SERIES = 16;

/**
 * How fine series are asked for: every point of an ordinary run, and ever fewer buckets the more series there are. A power of
 * two, so that another series rarely means that all are sent anew.
 */
export function seriesBuckets(series: number): number {
  const each = BUCKETS_IN_ALL / Math.max(series, USUAL_SERIES);
  return Math.max(LEAST, Math.min(MOST, 2 ** Math.floor(Math.log2(each))));
}

/** Does a bucket have more than one value? Then a smaller window of the run has more to show. */
export function isFolded({ min, max }: Buckets): boolean {
  return min.some((value, i) => value < max[i]);
}
