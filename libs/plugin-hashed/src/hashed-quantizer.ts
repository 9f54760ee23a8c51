/** Codes and signs by hash, so that buckets are trained as centroids are: the gradient of one is the signed sum over its weights. */
import type { QuantizerDefinition } from '@espalier/plugin-api';
import { Mask } from '@espalier/tensor';
import { pluginHashedError } from './errors';
import { HASHING_OPTIONS, bucketCount, countSurvivors, hashing, leastSquares, tensorSeed } from './hashing';

/** Codes are 16 bits, 0 is removed. */
const MOST_BUCKETS = 2 ** 16 - 1;
/** In the place of 0, which would say that a weight is removed: the codec, which counts survivors, would find others. */
const LEAST_VALUE = 2 ** -126;

export const hashedQuantizer: QuantizerDefinition<typeof HASHING_OPTIONS> = {
  description:
    'Survivors share values by a hash of their position (Chen et al. 2015); goes with the codec of the same name.',
  options: HASHING_OPTIONS,
  quantize({ name, shape, values, options }) {
    const buckets = bucketCount(countSurvivors(values), options);
    if (buckets > MOST_BUCKETS) {
      throw pluginHashedError('PLUGIN_HASHED_BUCKETS', { name, buckets, most: MOST_BUCKETS });
    }
    const hash = hashing(buckets, tensorSeed(name, options.seed));
    const codes = Uint16Array.from(values, (value, i) => (value === 0 ? 0 : 1 + hash.bucketOf(i)));
    const signs = Mask.empty(shape);
    for (let i = 0; i < values.length; i++) if (values[i] !== 0 && hash.signOf(i) < 0) signs.set(i, true);
    const codebook = leastSquares(values, hash).map((value) => value || LEAST_VALUE);
    return { kind: 'codebook', codes, codebook, signs };
  },
};
