/** How much of each layer goes: from scores and amounts to the groups that stay. */
import { Mask } from '@espalier/tensor';
import { pruningError } from '../errors';
import { keepBest, keepFrom, type Candidates } from './keep-best';
import { keptCount } from './kept-count';

/**
 * What stays of one layer. `quality`: what is at least quality * std of the layer's survivors (HAN15). `keep`: exactly
 * this share of all its groups, those removed before counted in.
 */
export type LayerAmount = { readonly quality: number } | { readonly keep: number };

/** What is removed stays removed: an exact share is reached by removing only. */
export type Selection = {
  /** This many groups of each layer stay, whatever the amount says, as far as they are not removed already. Default 1. */
  readonly minKept?: number;
} & (
  | {
      readonly scope: 'layer';
      /** One for all, or by tensor name. */
      readonly amounts: LayerAmount | ReadonlyMap<string, LayerAmount>;
    }
  /** The best share over all layers together: their scores are compared with each other. */
  | { readonly scope: 'global'; readonly keep: number }
);

export interface LayerCandidates extends Candidates {
  readonly name: string;
  /** Standard deviation of the weights; asked for only where a quality needs it. */
  readonly std: () => number;
}

export interface LayerChoice {
  /** [groups] */
  readonly kept: Mask;
  /** In units of the scores: what is below was removed. */
  readonly threshold: number;
}

export const DEFAULT_MIN_KEPT = 1;

/** The groups that stay of each layer, in the order of `layers`. Throws PRUNING_KEEP, PRUNING_QUALITY, PRUNING_NO_AMOUNT, PRUNING_MIN_KEPT. */
export function selectGroups(layers: readonly LayerCandidates[], selection: Selection): LayerChoice[] {
  const minKept = selection.minKept ?? DEFAULT_MIN_KEPT;
  if (!Number.isSafeInteger(minKept) || minKept < 0) {
    throw pruningError('PRUNING_MIN_KEPT', { actual: String(minKept) });
  }
  if (selection.scope === 'global') return selectGlobally(layers, selection.keep, minKept);
  return layers.map((layer) => selectInLayer(layer, amountOf(selection.amounts, layer.name), minKept));
}

/** The amount for the tensor of that name; throws PRUNING_NO_AMOUNT. */
export function amountOf(
  amounts: LayerAmount | ReadonlyMap<string, LayerAmount>,
  layer: string,
): LayerAmount {
  const amount = 'keep' in amounts || 'quality' in amounts ? amounts : amounts.get(layer);
  if (amount === undefined) throw pruningError('PRUNING_NO_AMOUNT', { layer });
  return amount;
}

function selectInLayer(layer: LayerCandidates, amount: LayerAmount, minKept: number): LayerChoice {
  if ('keep' in amount) {
    const count = keptCount(layer.scores.length, amount.keep, `"${layer.name}"`);
    return only(keepBest([layer], Math.max(count, minKept)));
  }
  if (!(amount.quality >= 0 && amount.quality < Infinity)) {
    throw pruningError('PRUNING_QUALITY', { layer: layer.name, actual: String(amount.quality) });
  }
  const threshold = amount.quality * layer.std();
  const kept = keepFrom(layer, threshold);
  return kept.count() >= minKept ? { kept, threshold } : only(keepBest([layer], minKept));
}

/** First each layer's minimum, then the best of all the others, until the share is reached. */
function selectGlobally(layers: readonly LayerCandidates[], keep: number, minKept: number): LayerChoice[] {
  const total = layers.reduce((sum, { scores }) => sum + scores.length, 0);
  const count = keptCount(total, keep, 'all layers together');
  const reserved = layers.map((layer) => only(keepBest([layer], minKept)).kept);
  const others = layers.map(({ scores, eligible }, i) => ({
    scores,
    eligible: without(scores, eligible, reserved[i]),
  }));
  const reservedCount = reserved.reduce((sum, mask) => sum + mask.count(), 0);
  const best = keepBest(others, Math.max(0, count - reservedCount));
  return reserved.map((mask, i) => ({ kept: union(mask, best.masks[i]), threshold: best.threshold }));
}

function without(scores: Float32Array, eligible: Mask | undefined, taken: Mask): Mask {
  const rest = eligible ? eligible.clone() : Mask.full([scores.length]);
  for (let i = 0; i < rest.bits.length; i++) rest.bits[i] &= ~taken.bits[i];
  return rest;
}

function union(a: Mask, b: Mask): Mask {
  const both = a.clone();
  for (let i = 0; i < both.bits.length; i++) both.bits[i] |= b.bits[i];
  return both;
}

function only({ masks, threshold }: { readonly masks: Mask[]; readonly threshold: number }): LayerChoice {
  return { kept: masks[0], threshold };
}
