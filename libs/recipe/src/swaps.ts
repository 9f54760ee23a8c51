/** Criteria that change on the way: which one scores when, and a recipe with one more change. Pure. */
import type { PluginEntry, Reference } from './plugins-schema';
import type { SwapSpec } from './prune-schema';
import type { Recipe } from './recipe-schema';

type Pruning = Pick<Recipe, 'prune' | 'plugins'>;

/** A change of criterion, with the plugins that it brings. */
export interface Swap extends SwapSpec {
  readonly plugins?: Readonly<Record<string, PluginEntry>>;
}

/** The criterion of that round: of the last swap up to it, or of `prune`. Without those inside a retraining. */
export function criterionOfRound({ prune }: Pruning, round: number): Reference | undefined {
  const before = (prune?.swaps ?? []).filter((swap) => swap.fromStep === undefined && swap.round <= round);
  return before.at(-1)?.criterion ?? prune?.criterion;
}

/** Changes inside the retraining of the round, by step. */
export function swapsWithin({ prune }: Pruning, round: number): (SwapSpec & { readonly fromStep: number })[] {
  return (prune?.swaps ?? []).flatMap((swap) =>
    swap.round === round && swap.fromStep !== undefined ? [{ ...swap, fromStep: swap.fromStep }] : [],
  );
}

/** The recipe with one more change, in the place of one for the same round and step. Throws nothing: `swapProblem` judges. */
export function withSwap<T extends Pruning>(recipe: T, { plugins, ...swap }: Swap): T {
  const { prune } = recipe;
  if (!prune) return recipe;
  const others = (prune.swaps ?? []).filter(
    (each) => each.round !== swap.round || each.fromStep !== swap.fromStep,
  );
  const swaps = [...others, swap].sort(
    (a, b) => a.round - b.round || (a.fromStep ?? -1) - (b.fromStep ?? -1),
  );
  return {
    ...recipe,
    ...(plugins && { plugins: { ...recipe.plugins, ...plugins } }),
    ...(plugins && 'resolved' in recipe && { resolved: withDigests(recipe.resolved, plugins) }),
    prune: { ...prune, swaps },
  };
}

function withDigests(resolved: unknown, plugins: Readonly<Record<string, PluginEntry>>): unknown {
  const before = resolved as { readonly plugins: Readonly<Record<string, string>> };
  const digests = Object.entries(plugins).flatMap(([key, { digest }]) => (digest ? [[key, digest]] : []));
  return { ...before, plugins: { ...before.plugins, ...(Object.fromEntries(digests) as object) } };
}

/**
 * One round scored by another criterion than the recipe said: the swap, and one after it that goes back. What was said of the next
 * round stays.
 */
export function withFallback<T extends Pruning>(recipe: T, round: number, criterion: Reference): T {
  const next = criterionOfRound(recipe, round + 1);
  const swapped = withSwap(recipe, { round, criterion, fallback: true });
  const isLast = round >= (recipe.prune?.schedule.rounds ?? 1);
  const saysItself = recipe.prune?.swaps?.some((swap) => swap.round === round + 1);
  return isLast || saysItself || !next ? swapped : withSwap(swapped, { round: round + 1, criterion: next });
}
