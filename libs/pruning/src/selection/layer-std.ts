import type { Mask } from '@espalier/tensor';

/**
 * Standard deviation (of the population, mean subtracted) of a layer's weights: what `quality` multiplies (HAN15 section
 * 4: "a quality parameter multiplied by the standard deviation of a layer's weights"). With a mask, of the survivors: a
 * removed connection is not a weight any more. 0 for no weights.
 */
export function layerStd(weights: Float32Array, mask?: Mask): number {
  let count = 0;
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    if (mask && !mask.get(i)) continue;
    sum += weights[i];
    count++;
  }
  if (count === 0) return 0;
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < weights.length; i++) {
    if (mask && !mask.get(i)) continue;
    const deviation = weights[i] - mean;
    squares += deviation * deviation;
  }
  return Math.sqrt(squares / count);
}

/** Mean |w|, of the survivors when there is a mask; 0 for no weights. */
export function meanMagnitude(weights: Float32Array, mask?: Mask): number {
  let count = 0;
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    if (mask && !mask.get(i)) continue;
    sum += Math.abs(weights[i]);
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
