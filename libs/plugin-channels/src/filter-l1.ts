/** The sum of a filter's absolute weights (Li et al. 2017, section 3.1): filters with small weights give weak feature maps. */
import { defineCriterion } from '@espalier/plugin-api';
import { spread, sumByUnit } from './units';

export const filterL1 = defineCriterion({
  description: "The sum of a unit's absolute weights (Li et al. 2017).",
  needs: ['weights'],
  score: ({ shape, weights }) =>
    spread(
      sumByUnit(shape, weights.length, (i) => Math.abs(weights[i])),
      weights.length,
    ),
});
