/**
 * w^2 * v: how much the loss rises when w becomes 0, to second order, with the diagonal of the empirical Fisher matrix in
 * place of the Hessian's (LeCun et al. 1990, equation 5; Theis et al. 2018, section 2). v is Adam's second moment, a
 * running mean of the squared gradient that the optimizer keeps anyway (Kingma & Ba 2015, algorithm 1): nothing is computed for it.
 *
 * Comparable between layers as it is, so one global share finds each layer's part.
 */
import type { Criterion } from '@espalier/plugin-api';
import { pruningError } from '../errors';

export const fisher: Criterion<Record<never, never>> = {
  name: 'fisher',
  version: '1',
  needs: ['weights', 'secondMoment'],
  defaults: {},
  score({ name, weights, secondMoment }) {
    if (!secondMoment)
      throw pruningError('PRUNING_NEEDS', { criterion: 'fisher', need: 'secondMoment', layer: name });
    return weights.map((w, i) => w * w * secondMoment[i]);
  },
};
