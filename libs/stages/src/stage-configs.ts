/** The specs of a run's stages, made out of the recipe and of what the run knows by then. */
import type { JsonValue } from '@espalier/base';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { alternatingFreezing, dropoutRates, keptShareOf } from '@espalier/pruning';
import {
  asReference,
  completionAfter,
  criterionOfRound,
  levelsOf,
  needsOfReference,
  networkAfterUnits,
  matchesLayer,
  pinnedReference,
  qualityOf,
  quantizeBitsOf,
  retrainEpochsBefore,
  retrainEpochsOf,
  roundsOf,
  swapsWithin,
  unitRoundsOf,
  unitsKeptOf,
  valueForLayer,
  type KeepSpec,
  type NamedLayer,
  type Reference,
  type ResolvedRecipe,
  type RetrainSection,
  type TrainSection,
  type UnitsSection,
} from '@espalier/recipe';
import { sizeOf, type Digest } from '@espalier/tensor';
import type {
  CriterionConfig,
  DuringConfig,
  EncodeConfig,
  EpochLearningRate,
  KeepConfig,
  PruneConfig,
  PruneUnitsConfig,
  ShareConfig,
  TrainingConfig,
} from './config';
import { scaleKeep } from './gradual';
import type { LayerCount } from './kept';
import { perKernel } from './per-kernel';
import { asConfig, type ReferenceConfig } from './plugins';
import { ALGORITHM_VERSIONS, type StageKind, type StageSpec, type FinishedStage } from './stage';

/** Batches whose gradients a criterion sees: 50 x 128 samples know a mean gradient well enough to rank by it. */
const GRADIENT_BATCHES = 50;
const GRADIENT_BATCH_SIZE = 128;

export function trainStage(recipe: ResolvedRecipe): StageSpec {
  const section = recipe.train;
  const init = recipe.resolved.init;
  const { heldOut } = recipe.data;
  // A first pruning by the optimizer's own state needs that of the training.
  const keepOptimizer = unitRoundsOf(recipe) > 0 ? unitsNeedSlots(recipe) : weightsNeedSlots(recipe);
  const training = section
    ? { ...trainingConfig(recipe, section), keepOptimizer }
    : { ...UNTRAINED, heldOut };
  const config = {
    ...training,
    network: recipe.network,
    ...(recipe.init ? { initNames: recipe.init.names } : {}),
  };
  const inputs: StageSpec['inputs'] = init ? { init: { kind: 'blob', digest: init } } : {};
  return spec(recipe, 'train', config, inputs, { data: true, engine: true });
}

interface UnitRound {
  readonly round: number;
  readonly start: Digest;
}

export function pruneUnitsStage(recipe: ResolvedRecipe, { round, start }: UnitRound): StageSpec {
  const { criterion } = recipe.prune?.units as UnitsSection;
  const needsData = FROM_DATA.some((need) => unitsNeed(recipe, need));
  const config: PruneUnitsConfig = {
    ...criterionFields(recipe, criterion),
    keep: Object.fromEntries(unitsKeptOf(recipe, round)),
    gradientBatches: GRADIENT_BATCHES,
    batchSize: GRADIENT_BATCH_SIZE,
    heldOut: recipe.data.heldOut,
  };
  const needs = { data: needsData, engine: needsData };
  return { ...spec(recipe, 'pruneUnits', config, startFrom(start), needs), round };
}

export function retrainUnitsStage(
  recipe: ResolvedRecipe,
  { round, start, dense, pruned }: UnitRound & { readonly dense: Digest; readonly pruned: FinishedStage },
): StageSpec {
  const section = recipe.prune?.units?.retrain as UnitsSection['retrain'];
  const rounds = unitRoundsOf(recipe);
  const spansRun = section.learningRate.span === 'run';
  const config: TrainingConfig = {
    ...trainingConfig(recipe, section),
    epochsBefore: spansRun ? section.epochs * (round - 1) : 0,
    epochsTotal: section.epochs * (spansRun ? rounds : 1),
    dropout: dropoutAfter(recipe, section, keptAfter(pruned)),
    // For whichever pruning comes next.
    keepOptimizer: round < rounds ? unitsNeedSlots(recipe) : weightsNeedSlots(recipe),
    ...(section.distill ? { distill: section.distill } : {}),
  };
  const inputs = { ...startFrom(start), ...teacherOf(section, dense) };
  const made = spec(recipe, 'retrain', config, inputs, { data: true, engine: true });
  const seed = roundSeed(recipe.seed, spansRun ? UNITS_ROUND : UNITS_ROUND + round);
  return { ...made, seed, round, phase: 'units' };
}

export function pruneStage(
  recipe: ResolvedRecipe,
  { round, start }: { round: number; start: Digest },
): StageSpec {
  const prune = recipe.prune as NonNullable<ResolvedRecipe['prune']>;
  const needsData = ofData(recipe, round);
  const config: PruneConfig = {
    ...criterionConfig(recipe, round),
    ...(prune.quality !== undefined ? { quality: qualityOfRound(recipe, round) } : {}),
    ...(prune.keep !== undefined ? { keep: keepOfRound(recipe, prune.keep, round) } : {}),
    gradientBatches: GRADIENT_BATCHES,
    batchSize: GRADIENT_BATCH_SIZE,
    heldOut: recipe.data.heldOut,
  };
  const needs = { data: needsData, engine: needsData };
  return { ...spec(recipe, 'prune', config, startFrom(start), needs), round };
}

interface RetrainRound {
  readonly round: number;
  readonly start: Digest;
  readonly dense: Digest;
  readonly prunes: readonly FinishedStage[];
}

export function retrainStage(
  recipe: ResolvedRecipe,
  { round, start, dense, prunes }: RetrainRound,
): StageSpec {
  const section = recipe.retrain as RetrainSection;
  const prune = recipe.prune as NonNullable<ResolvedRecipe['prune']>;
  const epochs = retrainEpochsOf(recipe, round);
  const spansRun = section.learningRate.span === 'run';
  const frozen = frozenLayers(recipe, round);
  const config: TrainingConfig = {
    ...trainingConfig(recipe, { ...section, epochs }),
    epochsBefore: spansRun ? retrainEpochsBefore(recipe, round) : 0,
    epochsTotal: spansRun ? retrainEpochsBefore(recipe, roundsOf(recipe) + 1) : epochs,
    keepOptimizer: section.keepOptimizer,
    ...(section.distill ? { distill: section.distill } : {}),
    ...(frozen.length > 0 ? { frozen } : {}),
    ...(section.dropoutRule
      ? { dropout: dropoutAfter(recipe, section, keptAfter(prunes[round - 1]) ?? keptAtEnd(recipe)) }
      : {}),
    ...(prune.during && prune.keep
      ? {
          during: {
            ...criterionConfig(recipe, round),
            ...swapsConfig(recipe, round),
            schedule: scheduleConfig(recipe),
            everySteps: prune.during.everySteps,
            fromEpoch: prune.during.fromEpoch,
            untilShare: prune.during.untilShare,
            keep: keepOfWhole(recipe, keepByKernel(recipe.network, prune.keep)),
          },
        }
      : {}),
  };
  const inputs = { ...startFrom(start), ...teacherOf(section, dense) };
  const made = spec(recipe, 'retrain', config, inputs, { data: true, engine: true });
  return { ...made, seed: roundSeed(recipe.seed, spansRun ? SPANNING_ROUND : round), round };
}

export function shrinkStage(recipe: ResolvedRecipe, start: Digest): StageSpec {
  return spec(recipe, 'shrink', {}, startFrom(start), {});
}

export function shareStage(recipe: ResolvedRecipe, start: Digest): StageSpec {
  const { share, network } = recipe;
  if (share?.quantizer) {
    const config: ShareConfig = {
      levels: {},
      init: share.init,
      method: 'kmeans',
      quantizer: pinnedReference(recipe, share.quantizer),
      kernels: parametersOf(network).flatMap(({ name, prunable }) => (prunable ? [name] : [])),
      ...(share.retrain && { needsCodes: true }),
    };
    return spec(recipe, 'share', config, startFrom(start), {});
  }
  const config: ShareConfig = share
    ? {
        levels: perKernel(network, (layer) => levelsOf(recipe, layer)),
        init: share.init,
        method: 'kmeans',
        ...(share.rateWeight !== undefined && { rateWeight: share.rateWeight }),
      }
    : {
        levels: perKernel(network, (layer) => linearLevels(recipe, layer)),
        init: 'linear',
        method: 'linear',
      };
  return spec(recipe, 'share', config, startFrom(start), {});
}

interface CentroidTraining {
  readonly start: Digest;
  readonly dense: Digest;
  /** The network before its weights were shared. */
  readonly latent: Digest;
  /** The stage that pruned the weights that are shared. */
  readonly pruned?: FinishedStage;
}

export function centroidTrainingStage(
  recipe: ResolvedRecipe,
  { start, dense, latent, pruned }: CentroidTraining,
): StageSpec {
  const section = recipe.share?.retrain as NonNullable<NonNullable<ResolvedRecipe['share']>['retrain']>;
  const config: TrainingConfig = {
    ...trainingConfig(recipe, section),
    shared: true,
    ...(recipe.retrain?.dropoutRule ? { dropout: dropoutAfter(recipe, section, keptAfter(pruned)) } : {}),
    ...(section.distill ? { distill: section.distill } : {}),
    ...(section.straightThrough ? { straightThrough: section.straightThrough } : {}),
  };
  const inputs: StageSpec['inputs'] = {
    ...startFrom(start),
    ...teacherOf(section, dense),
    ...(section.straightThrough ? { latent: { kind: 'snapshot', digest: latent } } : {}),
  };
  const made = spec(recipe, 'retrain', config, inputs, { data: true, engine: true });
  return { ...made, seed: roundSeed(recipe.seed, CENTROID_ROUND) };
}

export function encodeStage(recipe: ResolvedRecipe, start: Digest): StageSpec {
  const { codings, biasBits, codebook, codec } = recipe.encode;
  const config: EncodeConfig = {
    ...(codings ? { codings } : {}),
    biasBits,
    codebook,
    ...(codec ? { codec: pinnedReference(recipe, codec) } : {}),
  };
  return spec(recipe, 'encode', config, startFrom(start), {});
}

export function evaluateStage(recipe: ResolvedRecipe, artifact: Digest): StageSpec {
  const inputs = { artifact: { kind: 'blob', digest: artifact } as const };
  return spec(recipe, 'evaluate', { split: 'test' }, inputs, { data: true, engine: true });
}

/** Stands for all rounds of a learning rate that spans them: one order of batches, other than that of `train`. */
const SPANNING_ROUND = 0x7fff;
/** A round that no pruning has: keeps the centroids' batches apart from those of the rounds. */
const CENTROID_ROUND = 1000;

/** Rounds of units begin here. */
const UNITS_ROUND = 2000;

/** A network that is taken as it is (`init` without `train`): nothing is trained, but it is stored and tested. */
const UNTRAINED: Omit<TrainingConfig, 'heldOut'> = {
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

function trainingConfig(recipe: ResolvedRecipe, section: TrainingFields): TrainingConfig {
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

type CriterionFields = Pick<PruneConfig, 'criterion' | 'criterionOptions'>;

/** One of ours by its name with its options beside it, as it has always stood there; a plugin's as a whole. */
function criterionFields(recipe: ResolvedRecipe, reference: Reference): CriterionFields {
  const pinned = pinnedReference(recipe, reference);
  return pinned.plugin ? { criterion: pinned } : { criterion: pinned.name, criterionOptions: pinned.options };
}

function criterionConfig(recipe: ResolvedRecipe, round: number): CriterionConfig {
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

function swapsConfig(recipe: ResolvedRecipe, round: number): Pick<DuringConfig, 'swaps'> {
  const swaps = swapsWithin(recipe, round).map(({ fromStep, criterion, fallback }) => ({
    fromStep,
    criterion: pinnedReference(recipe, criterion),
    ...(fallback ? { fallback } : {}),
  }));
  return swaps.length > 0 ? { swaps } : {};
}

function scheduleConfig(recipe: ResolvedRecipe): ReferenceConfig {
  const { kind, options = {} } = pruneSection(recipe).schedule;
  return asConfig(pinnedReference(recipe, { name: kind, options }));
}

function pruneSection({ prune }: ResolvedRecipe): NonNullable<ResolvedRecipe['prune']> {
  return prune as NonNullable<ResolvedRecipe['prune']>;
}

/** Is the data set asked when that round is scored, be it by the fallback? */
function ofData(recipe: ResolvedRecipe, round: number): boolean {
  const { fallback, regrowth } = pruneSection(recipe);
  const references = [criterionOfRound(recipe, round), fallback, regrowth].filter(
    (each) => each !== undefined,
  );
  return references.some(({ name }) => {
    const needed = needsOfReference(recipe, name);
    return FROM_DATA.some((need) => needed.includes(need));
  });
}

const FROM_DATA = ['gradients', 'unitTaylor', 'inputNorms'];

function unitsNeed(recipe: ResolvedRecipe, need: string): boolean {
  const name = recipe.prune?.units?.criterion.name;
  return name !== undefined && needsOfReference(recipe, name).includes(need);
}

/** Must the optimizer's state be there when the first weights are pruned? Inside a retraining there is that one's own. */
function weightsNeedSlots(recipe: ResolvedRecipe): boolean {
  if (!recipe.prune || recipe.prune.during) return false;
  const needed = needsOfReference(recipe, criterionOfRound(recipe, 1)?.name ?? '');
  return SLOTS.some((need) => needed.includes(need));
}

function unitsNeedSlots(recipe: ResolvedRecipe): boolean {
  return SLOTS.some((need) => unitsNeed(recipe, need));
}

const SLOTS = ['firstMoment', 'secondMoment'];

function qualityOfRound(recipe: ResolvedRecipe, round: number): Record<string, number> {
  const completion = completionAfter(recipe, round);
  return perKernel(recipe.network, (layer) => qualityOf(recipe, layer, { round, completion }));
}

/** Share kept after this round: the schedule's completion at round / rounds. */
function keepOfRound(recipe: ResolvedRecipe, keep: KeepSpec, round: number): KeepConfig {
  const completion = completionAfter(recipe, round);
  return scaleKeep(keepOfWhole(recipe, keepByKernel(recipe.network, keep)), (share) =>
    keptShareOf(completion, share),
  );
}

/** Shares of the recipe's network as shares of what rounds of units leave of it. */
function keepOfWhole(recipe: ResolvedRecipe, keep: KeepConfig): KeepConfig {
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

function keepByKernel(network: NetworkSpec, keep: KeepSpec): KeepConfig {
  return 'global' in keep
    ? keep
    : { layers: perKernel(network, (layer) => valueForLayer(keep.layers, layer)) };
}

/** Layers held in this round (HAN15 section 3.3): odd rounds train the dense layers alone, even ones the convolutions. */
function frozenLayers(recipe: ResolvedRecipe, round: number): string[] {
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
function dropoutAfter(
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
function keptAfter(stage: FinishedStage | undefined): ReadonlyMap<string, number> | undefined {
  const layers = stage?.result.metrics['layers'] as unknown as readonly LayerCount[] | undefined;
  return layers && new Map(layers.map(({ name, kept }) => [name, kept]));
}

/**
 * Weights by kernel that a pruning inside the retraining will leave. A session has one rate for all its steps, so where
 * C_ir changes on the way its end counts: the network has that size, or nearly, for most of the steps. A share over all
 * layers is taken for each of them; what they come to differently is not known before.
 */
function keptAtEnd({ prune, network }: ResolvedRecipe): ReadonlyMap<string, number> | undefined {
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

function linearLevels(recipe: ResolvedRecipe, layer: NamedLayer): number | undefined {
  const bits = quantizeBitsOf(recipe, layer);
  return bits === undefined ? undefined : 2 ** bits;
}

function startFrom(digest: Digest): StageSpec['inputs'] {
  return { start: { kind: 'snapshot', digest } };
}

function teacherOf({ distill }: Pick<RetrainSection, 'distill'>, dense: Digest): StageSpec['inputs'] {
  return distill ? { teacher: { kind: 'snapshot', digest: dense } } : {};
}

/** Another seed for each round that begins its schedule anew, so that it does not see the same batches again. */
function roundSeed(seed: number, round: number): number {
  return (seed + Math.imul(round, 0x9e3779b1)) >>> 0;
}

function spec(
  recipe: ResolvedRecipe,
  kind: StageKind,
  config: object,
  inputs: StageSpec['inputs'],
  needs: { readonly data?: boolean; readonly engine?: boolean },
): StageSpec {
  return {
    kind,
    algorithm: ALGORITHM_VERSIONS[kind],
    config: JSON.parse(JSON.stringify(config)) as JsonValue,
    seed: recipe.seed,
    inputs,
    ...(needs.data ? { data: recipe.resolved.data } : {}),
    ...(needs.engine ? { fingerprint: recipe.resolved.fingerprint } : {}),
  };
}
