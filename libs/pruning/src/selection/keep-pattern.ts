/** N:M: of each set of groups the best few stay, whatever the amount of the recipe says. */
import type { Pattern } from '@espalier/plugin-api';
import { Mask } from '@espalier/tensor';
import { pruningError } from '../errors';
import type { Candidates } from './keep-best';

export interface PatternChoice {
  /** [groups] */
  readonly kept: Mask;
  /** The smallest score that is kept; 0 when nothing is. */
  readonly threshold: number;
}

/**
 * Of each set the `keep` candidates with the largest scores, or all when there are fewer. Among equal scores the lower index
 * is kept. O(n log m) for sets of m.
 * @throws PRUNING_GROUPS for a pattern that is not one
 */
export function keepPattern(
  { scores, eligible }: Candidates,
  { setOf, keep }: Pattern,
  of: { readonly granularity: string; readonly shape: readonly number[] },
): PatternChoice {
  const wrong = (problem: string): Error =>
    pruningError('PRUNING_GROUPS', { ...of, shape: JSON.stringify(of.shape), problem });
  if (setOf.length !== scores.length) {
    throw wrong(`gives ${setOf.length} of ${scores.length} groups a set`);
  }
  if (!Number.isSafeInteger(keep) || keep < 0) throw wrong(`would keep ${keep} groups of each set`);
  const kept = Mask.empty([scores.length]);
  let threshold = Infinity;
  for (const members of membersOf(setOf)) {
    const candidates = eligible ? members.filter((group) => eligible.get(group)) : members;
    candidates.sort((a, b) => scores[b] - scores[a] || a - b);
    for (const group of candidates.subarray(0, keep)) {
      kept.set(group, true);
      if (scores[group] < threshold) threshold = scores[group];
    }
  }
  return { kept, threshold: threshold === Infinity ? 0 : threshold };
}

/** The groups of each set, ascending. */
function membersOf(setOf: Uint32Array): Uint32Array[] {
  let sets = 0;
  for (let i = 0; i < setOf.length; i++) sets = Math.max(sets, setOf[i] + 1);
  // A hostile number would make room for billions of sets; there are no more than groups.
  if (sets > setOf.length) return membersOf(renumbered(setOf));
  const counts = new Uint32Array(sets);
  for (let i = 0; i < setOf.length; i++) counts[setOf[i]]++;
  const members = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  for (let i = 0; i < setOf.length; i++) members[setOf[i]][counts[setOf[i]]++] = i;
  return members;
}

/** The same sets, numbered without gaps. */
function renumbered(setOf: Uint32Array): Uint32Array {
  const numbers = new Map<number, number>();
  return setOf.map((set) => {
    const number = numbers.get(set) ?? numbers.size;
    numbers.set(set, number);
    return number;
  });
}
