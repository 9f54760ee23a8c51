/**
 * |w| divided by a measure of its layer's weights, so that layers of different scale can share one global threshold. The
 * measure is taken over the survivors: their standard deviation (default), or their mean |w|.
 */
import { defineCriterion } from '@espalier/plugin-api';
import { layerStd, meanMagnitude } from '../selection/layer-std';

export const magnitudeNormalised = defineCriterion({
  description: '|w| divided by the spread of its layer, so that layers share one threshold.',
  needs: ['weights', 'previousMask'],
  options: {
    by: {
      type: 'string',
      enum: ['std', 'mean'],
      default: 'std',
      description: "The survivors' standard deviation, or their mean |w|.",
    },
  },
  score({ weights, previousMask, options }) {
    const scale =
      options.by === 'mean' ? meanMagnitude(weights, previousMask) : layerStd(weights, previousMask);
    // Weights that are all equal (or all 0) have no spread to divide by: they all score alike.
    return scale === 0 ? weights.map(Math.abs) : weights.map((w) => Math.abs(w) / scale);
  },
});
