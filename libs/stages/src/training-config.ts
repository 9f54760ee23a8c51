/** How a training goes on, as a stage's config says it: out of a section of the recipe, and of what prunings have left. */
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { alternatingFreezing, dropoutRates } from '@espalier/pruning';
import {
  matchesLayer,
  valueForLayer,
  type ResolvedRecipe,
  type RetrainSection,
  type TrainSection,
} from '@espalier/recipe';
import { sizeOf } from '@espalier/tensor';
import type { EpochLearningRate, TrainingConfig } from './config';
import type { LayerCount } from './kept';
import { perKernel } from './per-kernel';
import type { FinishedStage } from './stage';

/** A network that is taken as it is (`init` without `train`): nothing is trained, but it is stored and tested. */
export const UNTRAINED: Omit<TrainingConfig, 'heldOut'> = {
  epochs: 0,
  epochsBefore: 0,
  epochsTotal: 1,
  batchSize: 128,
  optimizer: { kind: 'sgd', momentum: 0 },
  learningRate: { kind: 'constant', base: 0.01, warmupEpochs: 0 },
  l1: 0,
  l2: 0,
  labelSmoothing: 0,
  shared: false,
  keepOptimizer: false,
};

type TrainingFields = Pick<
  TrainSection,
  'batchSize' | 'optimizer' | 'augment' | 'l1' | 'l2' | 'labelSmoothing' | 'dropout' | 'learningRate'
> & { readonly epochs: number };

export function trainingConfig(recipe: ResolvedRecipe, section: TrainingFields): TrainingConfig {
  return {
    epochs: section.epochs,
    epochsBefore: 0,
    epochsTotal: section.epochs,
    batchSize: section.batchSize,
    optimizer: section.optimizer,
    learningRate: withoutSpan(section.learningRate),
    augment: section.augment,
    l1: section.l1,
    l2: section.l2,
    labelSmoothing: section.labelSmoothing,
    dropout: originalDropout(recipe.network, section.dropout),
    shared: false,
    keepOptimizer: false,
    heldOut: recipe.data.heldOut,
  };
}

function withoutSpan(rate: TrainSection['learningRate'] & { readonly span?: unknown }): EpochLearningRate {
  const { span: _span, ...rest } = rate;
  return rest;
}

/** Layers held in this round (HAN15 section 3.3): odd rounds train the dense layers alone, even ones the convolutions. */
export function frozenLayers(recipe: ResolvedRecipe, round: number): string[] {
  const { freeze } = recipe.retrain as RetrainSection;
  const { network } = recipe;
  if (!freeze) return [];
  if ('alternate' in freeze) return [...alternatingFreezing(network, round)[round - 1].frozen];
  return network.layers
    .filter((layer) => freeze.layers.some((pattern) => matchesLayer(pattern, layer)))
    .map(({ name }) => name);
}

function originalDropout(
  network: NetworkSpec,
  rates: Readonly<Record<string, number>>,
): Record<string, number> {
  const given: Record<string, number> = {};
  for (const layer of network.layers) {
    if (layer.type === 'dropout') given[layer.name] = valueForLayer(rates, layer) ?? layer.rate;
  }
  return given;
}

/** D_r = D_o * sqrt(C_ir / C_io) by the connections that a pruning left (HAN15 section 3.2); D_o when there was none. */
export function dropoutAfter(
  recipe: ResolvedRecipe,
  section: Pick<RetrainSection, 'dropout'>,
  kept: ReadonlyMap<string, number> | undefined,
): Record<string, number> {
  const original = originalDropout(recipe.network, section.dropout);
  if (!kept) return original;
  const layers = recipe.network.layers.map((layer) =>
    layer.type === 'dropout' ? { ...layer, rate: original[layer.name] } : layer,
  );
  return Object.fromEntries(dropoutRates({ ...recipe.network, layers }, kept));
}

/** Weights by kernel that this stage left. */
export function keptAfter(stage: FinishedStage | undefined): ReadonlyMap<string, number> | undefined {
  const layers = stage?.result.metrics['layers'] as unknown as readonly LayerCount[] | undefined;
  return layers && new Map(layers.map(({ name, kept }) => [name, kept]));
}

/**
 * Weights by kernel that a pruning inside the retraining will leave. A session has one rate for all its steps, so where
 * C_ir changes on the way its end counts: the network has that size, or nearly, for most of the steps. A share over all
 * layers is taken for each of them; what they come to differently is not known before.
 */
export function keptAtEnd({ prune, network }: ResolvedRecipe): ReadonlyMap<string, number> | undefined {
  if (!prune?.during || !prune.keep) return undefined;
  const { keep } = prune;
  const shares = perKernel(network, (layer) =>
    'global' in keep ? keep.global : valueForLayer(keep.layers, layer),
  );
  return new Map(
    parametersOf(network).flatMap(({ name, shape }) =>
      name in shares ? [[name, shares[name] * sizeOf(shape)] as const] : [],
    ),
  );
}
