/** The specs of a run's stages, made out of the recipe and of what the run knows by then. */
import type { JsonValue } from '@espalier/base';
import { parametersOf } from '@espalier/models';
import {
  levelsOf,
  pinnedReference,
  quantizeBitsOf,
  retrainEpochsBefore,
  retrainEpochsOf,
  roundsOf,
  unitRoundsOf,
  unitsKeptOf,
  type NamedLayer,
  type ResolvedRecipe,
  type RetrainSection,
  type SensitivitySection,
  type UnitsSection,
} from '@espalier/recipe';
import type { Digest } from '@espalier/tensor';
import type {
  EncodeConfig,
  PruneConfig,
  PruneUnitsConfig,
  SensitivityConfig,
  ShareConfig,
  TrainingConfig,
} from './config';
import { perKernel } from './per-kernel';
import { ALGORITHM_VERSIONS, type StageKind, type StageSpec, type FinishedStage } from './stage';
import {
  criterionFields,
  criterionConfig,
  swapsConfig,
  scheduleConfig,
  ofData,
  FROM_DATA,
  unitsNeed,
  weightsNeedSlots,
  unitsNeedSlots,
  qualityOfRound,
  keepOfRound,
  keepOfWhole,
  keepByKernel,
} from './pruning-config';
import {
  UNTRAINED,
  trainingConfig,
  frozenLayers,
  dropoutAfter,
  keptAfter,
  keptAtEnd,
} from './training-config';

/** Batches whose gradients a criterion sees: 50 x 128 samples know a mean gradient well enough to rank by it. */
const GRADIENT_BATCHES = 50;
const GRADIENT_BATCH_SIZE = 128;

/** Of a network that is taken as it is, whose recipe says none. */
const RETRAIN_RATE = 1e-3;

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

/** @param start the dense network */
export function sensitivityStage(
  recipe: ResolvedRecipe,
  start: Digest,
  { keep, retrainSteps }: SensitivitySection,
): StageSpec {
  const section = recipe.train;
  const base = (recipe.retrain ?? section)?.learningRate.base ?? RETRAIN_RATE;
  const training: TrainingConfig = {
    ...(section ? trainingConfig(recipe, section) : { ...UNTRAINED, heldOut: recipe.data.heldOut }),
    learningRate: { kind: 'constant', base: base / 2, warmupEpochs: 0 },
  };
  const config: SensitivityConfig = { keep, retrainSteps, training };
  return spec(recipe, 'sensitivity', config, startFrom(start), { data: true, engine: true });
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
