import type { Buckets } from '@espalier/protocol/view';
import { firstAtLeast } from './trace';

export interface ValueAt {
  readonly x: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
}

/** The last bucket that ends at `step` or before, gaps left out; undefined where there is none. */
export function valueAt({ x, min, max, last }: Buckets, step: number): ValueAt | undefined {
  let i = firstAtLeast(x, step);
  if (i === x.length || x[i] > step) i--;
  while (i >= 0 && Number.isNaN(last[i])) i--;
  return i < 0 ? undefined : { x: x[i], min: min[i], max: max[i], last: last[i] };
}
