/** Points of rate and distortion, and how two curves of them compare. */

export interface RatePoint {
  /** Of all kernels. */
  readonly bytes: number;
  /** Bits a weight that the pruned network keeps: positions and values together. */
  readonly bits: number;
  /** Squared error by the sum of squares of the pruned network's weights, in dB: less is better. */
  readonly dB: number;
  /** How it was made. */
  readonly how: string;
  /** Test error, a share of 1; where it was measured. */
  readonly error?: number;
}

/** The points that none beats in both, by rising bits. */
export function paretoFront<P extends RatePoint>(points: readonly P[]): P[] {
  const sorted = [...points].sort((a, b) => a.bits - b.bits || a.dB - b.dB);
  let least = Infinity;
  return sorted.filter(({ dB }) => {
    if (dB >= least) return false;
    least = dB;
    return true;
  });
}

/** The bits that a front needs for a distortion, straight between its points; undefined beyond its ends. */
export function bitsAt(front: readonly RatePoint[], dB: number): number | undefined {
  const after = front.findIndex((point) => point.dB <= dB);
  if (after < 0) return undefined;
  if (front[after].dB === dB) return front[after].bits;
  if (after === 0) return undefined;
  const [a, b] = [front[after - 1], front[after]];
  return a.bits + ((dB - a.dB) / (b.dB - a.dB)) * (b.bits - a.bits);
}

export interface CurveComparison {
  /** Points of the peer's front that were compared. */
  readonly points: number;
  /** Our bits by the peer's at the same distortion: the worst of them, and their mean. */
  readonly worst: number;
  readonly mean: number;
  /** The peer's bits at the worst. */
  readonly worstAtBits: number;
}

/** At every point of the peer's front from `from` to `to` bits; undefined where none of ours goes there. */
export function compareFronts(
  ours: readonly RatePoint[],
  theirs: readonly RatePoint[],
  [from, to]: readonly [number, number],
): CurveComparison | undefined {
  const ratios = theirs
    .filter(({ bits }) => bits >= from && bits <= to)
    .flatMap(({ dB, bits }) => {
      const own = bitsAt(ours, dB);
      return own === undefined ? [] : [{ ratio: own / bits, bits }];
    });
  if (ratios.length === 0) return undefined;
  const worst = ratios.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  return {
    points: ratios.length,
    worst: worst.ratio,
    mean: ratios.reduce((sum, { ratio }) => sum + ratio, 0) / ratios.length,
    worstAtBits: worst.bits,
  };
}

export interface ErrorComparison {
  readonly points: number;
  /** Our test error less the peer's, shares of 1: mean and worst. */
  readonly mean: number;
  readonly worst: number;
  readonly worstAtBits: number;
}

/** Where the peer's least test error falls, from `from` to `to` bits: the least of ours with no more bits, less that of the peer. */
export function compareErrors(
  ours: readonly RatePoint[],
  theirs: readonly RatePoint[],
  [from, to]: readonly [number, number],
): ErrorComparison | undefined {
  const own = withError(ours);
  let least = Infinity;
  const steps = withError(theirs)
    .sort((a, b) => a.bits - b.bits)
    .filter(({ error }) => {
      const falls = error < least;
      least = Math.min(least, error);
      return falls;
    });
  const gaps = steps
    .filter(({ bits }) => bits >= from && bits <= to)
    .flatMap(({ bits, error }) => {
      const reached = own.filter((point) => point.bits <= bits).map((point) => point.error);
      return reached.length === 0 ? [] : [{ bits, gap: Math.min(...reached) - error }];
    });
  if (gaps.length === 0) return undefined;
  const worst = gaps.reduce((a, b) => (b.gap > a.gap ? b : a));
  return {
    points: gaps.length,
    mean: gaps.reduce((sum, { gap }) => sum + gap, 0) / gaps.length,
    worst: worst.gap,
    worstAtBits: worst.bits,
  };
}

function withError(points: readonly RatePoint[]): (RatePoint & { readonly error: number })[] {
  return points.flatMap((point) => (point.error === undefined ? [] : [{ ...point, error: point.error }]));
}
