/**
 * The squared sum of w * g over a unit: the first term of the Taylor series of how the loss changes when the unit goes as
 * a whole (Molchanov et al. 2019, equations 8 and 9), with g the mean gradient. The paper squares for each batch and adds up; a
 * criterion is given the mean over batches, so effects that differ in sign between batches cancel here.
 */
import { defineCriterion } from '@espalier/plugin-api';
import { pluginChannelsError } from './errors';
import { spread, sumByUnit } from './units';

export const filterTaylor = defineCriterion({
  description: 'The squared sum of weight x gradient over a unit (Molchanov et al. 2019), of mean gradients.',
  needs: ['weights', 'gradients'],
  score({ name, shape, weights, gradients }) {
    if (!gradients) throw pluginChannelsError('PLUGIN_CHANNELS_GRADIENTS', { layer: name });
    const sums = sumByUnit(shape, weights.length, (i) => weights[i] * gradients[i]);
    return spread(
      sums.map((sum) => sum * sum),
      weights.length,
    );
  },
});
