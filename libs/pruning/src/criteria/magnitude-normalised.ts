/**
 * |w| divided by a measure of its layer's weights, so that layers of different scale can share one global threshold. The
 * measure is taken over the survivors: their standard deviation (default), or their mean |w|.
 */
import type { Criterion } from '@espalier/plugin-api';
import { pruningError } from '../errors';
import { layerStd, meanMagnitude } from '../selection/layer-std';

export interface MagnitudeNormalisedOptions {
  readonly by: 'std' | 'mean';
}

export const magnitudeNormalised: Criterion<MagnitudeNormalisedOptions> = {
  name: 'magnitude-normalised',
  version: '1',
  needs: ['weights', 'previousMask'],
  defaults: { by: 'std' },
  score({ weights, previousMask, options }) {
    const scale = measure(options.by, weights, previousMask);
    // Weights that are all equal (or all 0) have no spread to divide by: they all score alike.
    return scale === 0 ? weights.map(Math.abs) : weights.map((w) => Math.abs(w) / scale);
  },
};

function measure(by: unknown, ...of: Parameters<typeof layerStd>): number {
  if (by === 'std') return layerStd(...of);
  if (by === 'mean') return meanMagnitude(...of);
  throw pruningError('PRUNING_OPTION', {
    criterion: 'magnitude-normalised',
    option: 'by',
    expected: '"std" or "mean"',
    actual: JSON.stringify(by) ?? 'missing',
  });
}
