/**
 * w^2 * v: how much the loss rises when w becomes 0, to second order, with the diagonal of the empirical Fisher matrix in
 * place of the Hessian's (LeCun et al. 1990, equation 5; Theis et al. 2018, section 2). v is Adam's second moment, a
 * running mean of the squared gradient that the optimizer keeps anyway (Kingma & Ba 2015, algorithm 1): nothing is computed for it.
 *
 * Comparable between layers as it is, so one global share finds each layer's part.
 */
import { defineCriterion } from '@espalier/plugin-api';
import { pruningError } from '../errors';

export const fisher = defineCriterion({
  description:
    "w^2 * Adam's second moment: the diagonal Fisher estimate (LeCun et al. 1990; Theis et al. 2018).",
  needs: ['weights', 'secondMoment'],
  score({ name, weights, secondMoment }) {
    if (!secondMoment)
      throw pruningError('PRUNING_NEEDS', { criterion: 'fisher', need: 'secondMoment', layer: name });
    return weights.map((w, i) => w * w * secondMoment[i]);
  },
});
