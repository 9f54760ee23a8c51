/**
 * |w * g|: the first term of the Taylor series of how the loss changes when w becomes 0 (Molchanov et al. 2017, equation
 * 7), with g the gradient averaged over batches.
 */
import { defineCriterion } from '@espalier/plugin-api';
import { pruningError } from '../errors';

export const taylor = defineCriterion({
  description: '|w * gradient|: how much the loss changes to first order (Molchanov et al. 2017).',
  needs: ['weights', 'gradients'],
  score({ name, weights, gradients }) {
    if (!gradients)
      throw pruningError('PRUNING_NEEDS', { criterion: 'taylor', need: 'gradients', layer: name });
    return weights.map((w, i) => Math.abs(w * gradients[i]));
  },
});
