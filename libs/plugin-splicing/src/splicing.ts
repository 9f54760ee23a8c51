/**
 * Dynamic network surgery (Guo, Yao & Chen 2016, equation 3): with thresholds a < b, a weight is cut when its magnitude is below a,
 * spliced when it is b or more, and in between stays as it was, so that it does not come and go. The magnitude is that of the latent
 * weight, which is trained on behind its mask (equation 5).
 *
 * a and b are multiples of t = mean + c * standard deviation of the layer's magnitudes, as in the authors' code. There t is
 * taken once, before the first surgery; here it is of the latent weights as they are, since a regrowth is a pure function.
 */
import type { OptionsSchema, RegrowthDefinition } from '@espalier/plugin-api';
import { pluginSplicingError } from './errors';

const OPTIONS = {
  c: {
    type: 'number',
    default: 1,
    minimum: -10,
    maximum: 10,
    description:
      'How far above the mean magnitude the threshold lies, in standard deviations: more removes more.',
  },
  lower: {
    type: 'number',
    default: 0.9,
    minimum: 0,
    maximum: 10,
    description: 'a as a multiple of the threshold.',
  },
  upper: {
    type: 'number',
    default: 1.1,
    minimum: 0,
    maximum: 10,
    description: 'b as a multiple of the threshold.',
  },
} as const satisfies OptionsSchema;

export const splicing: RegrowthDefinition<typeof OPTIONS> = {
  description: 'Weights at or above b return, those between a and b stay as they were (Guo et al. 2016).',
  needs: ['latent'],
  options: OPTIONS,
  regrow({ name, previousMask, mask, latent, options: { c, lower, upper } }) {
    if (!latent) throw pluginSplicingError('PLUGIN_SPLICING_LATENT', { layer: name });
    if (lower > upper) throw pluginSplicingError('PLUGIN_SPLICING_THRESHOLDS', { lower, upper });
    const threshold = thresholdOf(latent, c);
    const [a, b] = [lower * threshold, upper * threshold];
    const spliced = mask.clone();
    for (let i = 0; i < latent.length; i++) {
      const magnitude = Math.abs(latent[i]);
      if (magnitude >= b || (magnitude >= a && previousMask.get(i))) spliced.set(i, true);
    }
    return spliced;
  },
};

/** max(0, mean + c * standard deviation) of the magnitudes. */
function thresholdOf(latent: Float32Array, c: number): number {
  let sum = 0;
  let squares = 0;
  for (const value of latent) {
    sum += Math.abs(value);
    squares += value * value;
  }
  const mean = sum / latent.length;
  const variance = Math.max(0, squares / latent.length - mean * mean);
  return Math.max(0, mean + c * Math.sqrt(variance));
}
