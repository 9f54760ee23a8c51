import type { SharedWeights } from './shared-weights';

/**
 * Each centroid moved to the mean of its weights, one that has none left where it is: the second half of an iteration of
 * Lloyd, whose first is `assignNearest`. An ascending codebook stays ascending where every weight has its nearest level.
 * Sums are in double precision, in the order of the weights.
 *
 * @param weights float32, of the length of `codes`; those of code 0 do not count
 */
export function clusterMeans(weights: Float32Array, { codes, codebook }: SharedWeights): Float32Array {
  const sums = new Float64Array(codebook.length + 1);
  const counts = new Float64Array(codebook.length + 1);
  for (let i = 0; i < weights.length; i++) {
    sums[codes[i]] += weights[i];
    counts[codes[i]]++;
  }
  return codebook.map((level, k) => (counts[k + 1] > 0 ? sums[k + 1] / counts[k + 1] : level));
}
