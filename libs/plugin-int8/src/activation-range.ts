/**
 * From samples of activations to the range that 8-bit codes should span. The whole range spends codes on outliers; clipping at
 * a percentile of the magnitudes trades those for a finer scale (Wu et al. 2020, section 4.1).
 */
export interface ActivationRange {
  readonly scale: number;
  /** Codes are unsigned after a relu (0 to 255), else -127 to 127. */
  readonly isUnsigned: boolean;
}

/** Bins of the histogram of magnitudes. */
const BINS = 2048;

/** @param percentile share of the magnitudes that are not clipped, above 0 and at most 1 */
export function activationRange(samples: Iterable<Float32Array>, percentile = 1): ActivationRange {
  const batches = [...samples];
  let largest = 0;
  let count = 0;
  let isUnsigned = true;
  for (const batch of batches) {
    count += batch.length;
    for (const value of batch) {
      if (value < 0) isUnsigned = false;
      largest = Math.max(largest, Math.abs(value));
    }
  }
  const limit =
    largest === 0 ? 1 : percentile === 1 ? largest : clipAt(batches, { largest, count, percentile });
  return { scale: Math.fround(limit / (isUnsigned ? 255 : 127)), isUnsigned };
}

interface Magnitudes {
  readonly largest: number;
  readonly count: number;
  readonly percentile: number;
}

/** The upper edge of the bin in which the percentile falls. */
function clipAt(batches: readonly Float32Array[], { largest, count, percentile }: Magnitudes): number {
  const histogram = new Float64Array(BINS);
  for (const batch of batches) {
    for (const value of batch) {
      histogram[Math.min(BINS - 1, Math.floor((Math.abs(value) / largest) * BINS))]++;
    }
  }
  let below = 0;
  for (let bin = 0; bin < BINS; bin++) {
    below += histogram[bin];
    if (below >= percentile * count) return (largest * (bin + 1)) / BINS;
  }
  return largest;
}
