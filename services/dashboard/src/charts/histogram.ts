/** Bars of a histogram, as places in a box of 1 x 1. Pure. */
import type { LayerView } from '@espalier/protocol/view';

export type Histogram = NonNullable<LayerView['histogram']>;

/** Places from the left; heights from below. */
export interface HistogramPlaces {
  readonly bars: readonly { readonly left: number; readonly width: number; readonly height: number }[];
  /** Lines where weights were removed below: at plus and minus the threshold, where those are within the axis. */
  readonly thresholds: readonly number[];
  readonly zero?: number;
}

export function histogramPlaces({ from, to, counts, thresholds }: Histogram): HistogramPlaces {
  const width = counts.length === 0 ? 0 : 1 / counts.length;
  const highest = Math.max(1, ...counts);
  const place = (value: number): number => (value - from) / (to - from || 1);
  const inside = (share: number): boolean => share >= 0 && share <= 1;
  const zero = place(0);
  return {
    bars: counts.map((count, i) => ({ left: i * width, width, height: count / highest })),
    thresholds: [...new Set(thresholds.flatMap((value) => [-value, value]))].map(place).filter(inside),
    ...(inside(zero) ? { zero } : {}),
  };
}
