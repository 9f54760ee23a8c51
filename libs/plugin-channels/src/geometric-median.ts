/**
 * Filters near the geometric median of their layer say what others say, too (He et al. 2019, FPGM, equations 4 to 6): a unit's score
 * is the sum of its Euclidean distances to the layer's other units. Units without any weight left are neither scored nor
 * counted: at the origin they would only measure norms.
 */
import { defineCriterion } from '@espalier/plugin-api';
import type { Mask } from '@espalier/tensor';
import { spread, unitCount } from './units';

export const geometricMedian = defineCriterion({
  description:
    "The sum of a unit's distances to the other units of its layer (He et al. 2019): the least is the most replaceable.",
  needs: ['weights', 'previousMask'],
  score({ shape, weights, previousMask }) {
    const units = unitCount(shape);
    const inputs = weights.length / units;
    const rows = byUnit(weights, units);
    const alive = unitsLeft(units, { inputs, previousMask });
    const scores = new Float64Array(units);
    for (let a = 0; a < alive.length; a++) {
      for (let b = a + 1; b < alive.length; b++) {
        const apart = distance(rows, { a: alive[a] * inputs, b: alive[b] * inputs, length: inputs });
        scores[alive[a]] += apart;
        scores[alive[b]] += apart;
      }
    }
    return spread(scores, weights.length);
  },
});

/** The units of which at least one weight is there. */
function unitsLeft(
  units: number,
  { inputs, previousMask }: { readonly inputs: number; readonly previousMask?: Mask },
): number[] {
  const all = Array.from({ length: units }, (_, unit) => unit);
  if (!previousMask) return all;
  return all.filter((unit) => {
    for (let input = 0; input < inputs; input++) if (previousMask.get(input * units + unit)) return true;
    return false;
  });
}

/** [units, inputs] from [inputs, units], so that a unit's weights lie together. */
function byUnit(weights: Float32Array, units: number): Float32Array {
  const inputs = weights.length / units;
  const rows = new Float32Array(weights.length);
  for (let input = 0; input < inputs; input++) {
    for (let unit = 0; unit < units; unit++) rows[unit * inputs + input] = weights[input * units + unit];
  }
  return rows;
}

function distance(rows: Float32Array, { a, b, length }: { a: number; b: number; length: number }): number {
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const apart = rows[a + i] - rows[b + i];
    sum += apart * apart;
  }
  return Math.sqrt(sum);
}
