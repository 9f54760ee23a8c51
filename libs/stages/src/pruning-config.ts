/** What a round removes and by which scores, as a stage's config says it, and what its scoring needs. */
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { keptShareOf } from '@espalier/pruning';
import {
  asReference,
  completionAfter,
  criterionOfRound,
  needsOfReference,
  networkAfterUnits,
  pinnedReference,
  qualityOf,
  swapsWithin,
  unitRoundsOf,
  valueForLayer,
  type KeepSpec,
  type Reference,
  type ResolvedRecipe,
} from '@espalier/recipe';
import { sizeOf } from '@espalier/tensor';
import type { CriterionConfig, DuringConfig, KeepConfig, PruneConfig } from './config';
import { scaleKeep } from './gradual';
import { perKernel } from './per-kernel';
import { asConfig, type ReferenceConfig } from './plugins';

type CriterionFields = Pick<PruneConfig, 'criterion' | 'criterionOptions'>;

/** One of ours by its name with its options beside it, as it has always stood there; a plugin's as a whole. */
export function criterionFields(recipe: ResolvedRecipe, reference: Reference): CriterionFields {
  const pinned = pinnedReference(recipe, reference);
  return pinned.plugin ? { criterion: pinned } : { criterion: pinned.name, criterionOptions: pinned.options };
}

export function criterionConfig(recipe: ResolvedRecipe, round: number): CriterionConfig {
  const { granularity, minimumKept, fallback, regrowth } = pruneSection(recipe);
  const fields = criterionFields(recipe, criterionOfRound(recipe, round) as Reference);
  const mayFail = typeof fields.criterion !== 'string' || swapsWithin(recipe, round).length > 0;
  return {
    ...fields,
    ...(fallback && mayFail ? { fallback: pinnedReference(recipe, fallback) } : {}),
    granularity: asConfig(pinnedReference(recipe, asReference(granularity))),
    ...(regrowth ? { regrowth: pinnedReference(recipe, regrowth) } : {}),
    minimumKept,
  };
}

export function swapsConfig(recipe: ResolvedRecipe, round: number): Pick<DuringConfig, 'swaps'> {
  const swaps = swapsWithin(recipe, round).map(({ fromStep, criterion, fallback }) => ({
    fromStep,
    criterion: pinnedReference(recipe, criterion),
    ...(fallback ? { fallback } : {}),
  }));
  return swaps.length > 0 ? { swaps } : {};
}

export function scheduleConfig(recipe: ResolvedRecipe): ReferenceConfig {
  const { kind, options = {} } = pruneSection(recipe).schedule;
  return asConfig(pinnedReference(recipe, { name: kind, options }));
}

function pruneSection({ prune }: ResolvedRecipe): NonNullable<ResolvedRecipe['prune']> {
  return prune as NonNullable<ResolvedRecipe['prune']>;
}

/** Is the data set asked when that round is scored, be it by the fallback? */
export function ofData(recipe: ResolvedRecipe, round: number): boolean {
  const { fallback, regrowth } = pruneSection(recipe);
  const references = [criterionOfRound(recipe, round), fallback, regrowth].filter(
    (each) => each !== undefined,
  );
  return references.some(({ name }) => {
    const needed = needsOfReference(recipe, name);
    return FROM_DATA.some((need) => needed.includes(need));
  });
}

export const FROM_DATA = ['gradients', 'unitTaylor', 'inputNorms'];

export function unitsNeed(recipe: ResolvedRecipe, need: string): boolean {
  const name = recipe.prune?.units?.criterion.name;
  return name !== undefined && needsOfReference(recipe, name).includes(need);
}

/** Must the optimizer's state be there when the first weights are pruned? Inside a retraining there is that one's own. */
export function weightsNeedSlots(recipe: ResolvedRecipe): boolean {
  if (!recipe.prune || recipe.prune.during) return false;
  const needed = needsOfReference(recipe, criterionOfRound(recipe, 1)?.name ?? '');
  return SLOTS.some((need) => needed.includes(need));
}

export function unitsNeedSlots(recipe: ResolvedRecipe): boolean {
  return SLOTS.some((need) => unitsNeed(recipe, need));
}

const SLOTS = ['firstMoment', 'secondMoment'];

export function qualityOfRound(recipe: ResolvedRecipe, round: number): Record<string, number> {
  const completion = completionAfter(recipe, round);
  return perKernel(recipe.network, (layer) => qualityOf(recipe, layer, { round, completion }));
}

/** Share kept after this round: the schedule's completion at round / rounds. */
export function keepOfRound(recipe: ResolvedRecipe, keep: KeepSpec, round: number): KeepConfig {
  const completion = completionAfter(recipe, round);
  return scaleKeep(keepOfWhole(recipe, keepByKernel(recipe.network, keep)), (share) =>
    keptShareOf(completion, share),
  );
}

/** Shares of the recipe's network as shares of what rounds of units leave of it. */
export function keepOfWhole(recipe: ResolvedRecipe, keep: KeepConfig): KeepConfig {
  if (unitRoundsOf(recipe) === 0) return keep;
  const whole = sizesOf(recipe.network);
  const left = sizesOf(networkAfterUnits(recipe));
  if ('global' in keep) return { global: Math.min(1, (keep.global * total(whole)) / total(left)) };
  const shares = Object.entries(keep.layers).map(
    ([name, share]) => [name, Math.min(1, (share * whole[name]) / left[name])] as const,
  );
  return { layers: Object.fromEntries(shares) };
}

/** Weights by kernel. */
function sizesOf(network: NetworkSpec): Record<string, number> {
  return Object.fromEntries(
    parametersOf(network).flatMap(({ name, prunable, shape }) => (prunable ? [[name, sizeOf(shape)]] : [])),
  );
}

function total(sizes: Readonly<Record<string, number>>): number {
  return Object.values(sizes).reduce((sum, size) => sum + size, 0);
}

export function keepByKernel(network: NetworkSpec, keep: KeepSpec): KeepConfig {
  return 'global' in keep
    ? keep
    : { layers: perKernel(network, (layer) => valueForLayer(keep.layers, layer)) };
}
