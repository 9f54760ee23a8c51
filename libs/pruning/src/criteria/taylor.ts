/**
 * |w * g|: the first term of the Taylor series of how the loss changes when w becomes 0 (Molchanov et al. 2017, equation
 * 7), with g the gradient averaged over batches.
 */
import type { Criterion } from '@espalier/plugin-api';
import { pruningError } from '../errors';

export const taylor: Criterion<Record<never, never>> = {
  name: 'taylor',
  version: '1',
  needs: ['weights', 'gradients'],
  defaults: {},
  score({ name, weights, gradients }) {
    if (!gradients)
      throw pruningError('PRUNING_NEEDS', { criterion: 'taylor', need: 'gradients', layer: name });
    return weights.map((w, i) => Math.abs(w * gradients[i]));
  },
};
