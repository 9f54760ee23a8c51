import { pruningError } from '../errors';

/** A product this close to a whole number is that number: 0.07 * 100 is 7.000000000000001 in floating point. */
const ROUNDING = 1e-12;

/**
 * How many of `size` groups are kept for an exact share: ceil(keep * size). So `keep` is a promise: never less is kept.
 * Throws PRUNING_KEEP.
 */
export function keptCount(size: number, keep: number, where: string): number {
  if (!(keep >= 0 && keep <= 1)) throw pruningError('PRUNING_KEEP', { where, actual: String(keep) });
  const exact = keep * size;
  const nearest = Math.round(exact);
  return Math.abs(exact - nearest) <= ROUNDING * size ? nearest : Math.ceil(exact);
}
