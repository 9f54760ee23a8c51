/** Kernels by unit: the filter or neuron of a weight is its place on the last axis. */
import type { Shape } from '@espalier/tensor';

export function unitCount(shape: Shape): number {
  return shape[shape.length - 1] ?? 1;
}

/**
 * [units]: the sum over each unit's weights of what `term` makes of a weight's index.
 * @param size weights of the kernel
 */
export function sumByUnit(shape: Shape, size: number, term: (i: number) => number): Float64Array {
  const sums = new Float64Array(unitCount(shape));
  for (let i = 0, unit = 0; i < size; i++) {
    sums[unit] += term(i);
    if (++unit === sums.length) unit = 0;
  }
  return sums;
}

/** [size]: each weight with its unit's score. A granularity of units takes the mean of those, which is that score again. */
export function spread(scores: ArrayLike<number>, size: number): Float32Array {
  const result = new Float32Array(size);
  for (let i = 0, unit = 0; i < size; i++) {
    result[i] = scores[unit];
    if (++unit === scores.length) unit = 0;
  }
  return result;
}
