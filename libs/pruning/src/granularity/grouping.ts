/** From scores of weights to scores of groups, and from kept groups back to weights. */
import type { Granularity } from '@espalier/plugin-api';
import { Mask, type Shape } from '@espalier/tensor';
import { weight } from './weight';

export interface Grouping {
  /** [groups]: the mean score of the group's weights that are still there. */
  readonly scores: Float32Array;
  /** [groups]: groups with at least one weight left; absent when nothing was removed before. */
  readonly eligible?: Mask;
  /** The weights that stay when `kept` [groups] does: all of the group's that were there. */
  expand(kept: Mask): Mask;
}

/**
 * @param scores of each weight, row-major as `shape`
 * @param alive the weights that may stay; absent: all
 */
export function groupScores(
  granularity: Granularity,
  shape: Shape,
  { scores, alive }: { readonly scores: Float32Array; readonly alive?: Mask },
): Grouping {
  if (granularity === weight) {
    return {
      scores,
      ...(alive && { eligible: alive }),
      expand: (kept) => Mask.fromTensor({ dtype: 'bit', shape, data: kept.bits }),
    };
  }
  const groups = granularity.groupsOf(shape);
  const count = granularity.groupCount(shape);
  const sums = new Float64Array(count);
  const members = new Uint32Array(count);
  for (let i = 0; i < scores.length; i++) {
    if (alive && !alive.get(i)) continue;
    sums[groups[i]] += scores[i];
    members[groups[i]]++;
  }
  return {
    scores: Float32Array.from(sums, (sum, g) => (members[g] === 0 ? 0 : sum / members[g])),
    eligible: Mask.fromFlags([count], members),
    expand(kept) {
      const mask = Mask.empty(shape);
      for (let i = 0; i < groups.length; i++) {
        if (kept.get(groups[i]) && (!alive || alive.get(i))) mask.set(i, true);
      }
      return mask;
    },
  };
}
