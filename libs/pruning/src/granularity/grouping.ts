/** From scores of weights to scores of groups, and from kept groups back to weights. */
import type { Granularity } from '@espalier/plugin-api';
import { Mask, sizeOf, type Shape } from '@espalier/tensor';
import { pruningError } from '../errors';
import { isByWeight } from './granularity-by-name';

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
export async function groupScores(
  granularity: Granularity,
  shape: Shape,
  { scores, alive }: { readonly scores: Float32Array; readonly alive?: Mask },
): Promise<Grouping> {
  if (isByWeight(granularity)) {
    return {
      scores,
      ...(alive && { eligible: alive }),
      expand: (kept) => Mask.fromTensor({ dtype: 'bit', shape, data: kept.bits }),
    };
  }
  const count = await granularity.groupCount(shape);
  const groups = await granularity.groupsOf(shape);
  requireGroups(groups, { granularity: granularity.name, shape, count });
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

/** What a plugin says is checked before it is believed. @throws PRUNING_GROUPS */
function requireGroups(
  groups: Uint32Array,
  {
    granularity,
    shape,
    count,
  }: { readonly granularity: string; readonly shape: Shape; readonly count: number },
): void {
  const wrong = (problem: string): Error =>
    pruningError('PRUNING_GROUPS', { granularity, shape: JSON.stringify(shape), problem });
  if (!Number.isSafeInteger(count) || count < 0) throw wrong(`says that there are ${count} groups`);
  if (groups.length !== sizeOf(shape)) throw wrong(`gives ${groups.length} weights a group`);
  for (let i = 0; i < groups.length; i++) {
    if (groups[i] >= count) throw wrong(`puts weight ${i} into group ${groups[i]} of ${count}`);
  }
}
