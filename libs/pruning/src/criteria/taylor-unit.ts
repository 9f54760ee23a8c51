/**
 * (sum of w * g over a unit's weights and its bias)^2, summed over batches: the squared first term of the Taylor series of
 * how the loss changes when the unit goes as a whole (Molchanov et al. 2019, equation 8). Weights whose effects cancel
 * out count as what they are together, which no mean of single weights' scores says.
 *
 * Each weight gets its unit's score; a granularity of units takes the mean of those, which is that score again.
 */
import { defineCriterion } from '@espalier/plugin-api';
import { pruningError } from '../errors';

export const taylorUnit = defineCriterion({
  description:
    'The squared sum of w * gradient over a unit: how the loss changes without it (Molchanov et al. 2019).',
  needs: ['weights', 'unitTaylor'],
  score({ name, weights, unitTaylor }) {
    if (!unitTaylor)
      throw pruningError('PRUNING_NEEDS', { criterion: 'taylor-unit', need: 'unitTaylor', layer: name });
    return weights.map((_, i) => unitTaylor[i % unitTaylor.length]);
  },
});

/** A kernel, or its gradient, [..., units], with the bias [units] behind it, if there is one. */
export interface UnitValues {
  readonly kernel: Float32Array;
  readonly bias?: Float32Array;
}

/** Adds one batch to `sums` [units], in place: the square of the sum of w * g over each unit's weights and bias. */
export function addUnitTaylor(sums: Float32Array, values: UnitValues, gradients: UnitValues): void {
  const units = sums.length;
  const products = new Float64Array(units);
  for (let i = 0, unit = 0; i < values.kernel.length; i++) {
    products[unit] += values.kernel[i] * gradients.kernel[i];
    if (++unit === units) unit = 0;
  }
  for (let unit = 0; unit < units; unit++) {
    const product = products[unit] + (values.bias?.[unit] ?? 0) * (gradients.bias?.[unit] ?? 0);
    sums[unit] += product * product;
  }
}
