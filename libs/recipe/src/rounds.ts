/** What a recipe says about one round, for those who carry it out. Rounds count from 1. */
import { SCHEDULES } from '@espalier/pruning';
import { settingForLayer, type NamedLayer } from './layer-patterns';
import type { Recipe } from './recipe-schema';

/** How many rounds of prune and retrain there are; 0 without `prune`. */
export function roundsOf(recipe: Recipe): number {
  return recipe.prune?.schedule.rounds ?? 0;
}

/** How far the rounds have come after that one, from 0 to 1: what the schedule is asked. */
export function progressAfter(recipe: Recipe, round: number): number {
  return recipe.retrain ? round / roundsOf(recipe) : 1;
}

/**
 * How much of the way is done after that round, by the schedule. A plugin's was asked when the recipe was resolved; before,
 * it counts as linear.
 */
export function completionAfter(recipe: Recipe, round: number): number {
  const { kind = '', completions } = recipe.prune?.schedule ?? {};
  const progress = progressAfter(recipe, round);
  const own = Object.hasOwn(SCHEDULES, kind) ? SCHEDULES[kind].completion(progress) : progress;
  return completions?.[round - 1] ?? own;
}

/** Epochs of retraining in that round; 0 without `retrain`. */
export function retrainEpochsOf(recipe: Recipe, round: number): number {
  const { retrain } = recipe;
  if (!retrain) return 0;
  return round === roundsOf(recipe) ? retrain.epochs.last : retrain.epochs.perRound;
}

/** Epochs of retraining before that round, for a learning rate that spans the run. */
export function retrainEpochsBefore(recipe: Recipe, round: number): number {
  let epochs = 0;
  for (let earlier = 1; earlier < round; earlier++) epochs += retrainEpochsOf(recipe, earlier);
  return epochs;
}

/**
 * The quality (x std) of a layer in a round; undefined for a layer that is not pruned. A list has its own value for each
 * round; a single number is multiplied by `completion`, how far the schedule has come after this round.
 */
export function qualityOf(
  recipe: Recipe,
  layer: NamedLayer,
  { round, completion }: { readonly round: number; readonly completion: number },
): number | undefined {
  const quality = recipe.prune?.quality;
  if (quality === undefined) return undefined;
  const value = settingForLayer<number | number[]>(quality, layer);
  return Array.isArray(value) ? value[round - 1] : value === undefined ? undefined : value * completion;
}

/** Centroids of a layer's codebook; undefined for a layer that keeps its float32 values. */
export function levelsOf(recipe: Recipe, layer: NamedLayer): number | undefined {
  const { share } = recipe;
  if (share?.levels !== undefined) return settingForLayer<number>(share.levels, layer);
  const bits = share?.bits === undefined ? undefined : settingForLayer<number>(share.bits, layer);
  return bits === undefined ? undefined : 2 ** bits;
}

/** Bits a weight of a layer is quantised to; undefined for a layer that keeps its float32 values. */
export function quantizeBitsOf(recipe: Recipe, layer: NamedLayer): number | undefined {
  return recipe.quantize === undefined ? undefined : settingForLayer<number>(recipe.quantize.bits, layer);
}
