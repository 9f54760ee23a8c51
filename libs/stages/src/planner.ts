/**
 * What comes next in a run: a pure function of the resolved recipe and of the stages that are done. The coordinator and
 * the in-process runner ask it after each stage; replaying a log asks it the same questions and gets the same answers.
 *
 *     train -> sensitivity -> (pruneUnits -> retrain) x rounds -> (prune -> retrain) x rounds -> shrink -> share -> retrain centroids -> encode -> evaluate
 */
import { unitRoundsOf, type ResolvedRecipe } from '@espalier/recipe';
import type { Digest } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { bestRound, roundsOver } from './budget';
import { stagesError } from './errors';
import {
  centroidTrainingStage,
  encodeStage,
  evaluateStage,
  pruneStage,
  pruneUnitsStage,
  retrainStage,
  retrainUnitsStage,
  sensitivityStage,
  shareStage,
  shrinkStage,
  trainStage,
} from './stage-configs';
import { isRoundRetrain, stageKey, type FinishedStage, type StageKind, type StageSpec } from './stage';

export type NextStep = { readonly step: 'stage'; readonly spec: StageSpec } | { readonly step: 'done' };

export interface ExpectedStage {
  readonly kind: StageKind;
  readonly round?: number;
  /** Of a retrain after `pruneUnits`. */
  readonly phase?: 'units';
  /** True for the retrain that trains centroids. */
  readonly shared?: boolean;
}

/** @param finished the stages of this run in order, without those that an undo took back */
export function nextStage(recipe: ResolvedRecipe, finished: readonly FinishedStage[]): NextStep {
  const spec = nextSpec(recipe, finished);
  return spec ? { step: 'stage', spec } : { step: 'done' };
}

function nextSpec(recipe: ResolvedRecipe, finished: readonly FinishedStage[]): StageSpec | undefined {
  const train = find(finished, 'train');
  if (!train) return trainStage(recipe);
  const wanted = recipe.prune?.sensitivity;
  // Only while nothing is removed: a run that asks for curves after an undo to a later round goes on without them.
  if (wanted && finished.at(-1) === train) return sensitivityStage(recipe, snapshotOf(train), wanted);
  const units = nextUnitStage(recipe, train, finished);
  if (units) return units;
  const round = nextRoundStage(recipe, train, finished);
  if (round) return round;
  const dense = snapshotOf(train);
  const best = bestRound(recipe, train, finished);
  let current = best ? snapshotOf(best) : dense;

  if (recipe.prune?.deadUnits === 'remove') {
    const shrink = find(finished, 'shrink');
    if (!shrink) return shrinkStage(recipe, current);
    current = snapshotOf(shrink);
  }
  const latent = current;
  if (recipe.share || recipe.quantize) {
    const share = find(finished, 'share');
    if (!share) return shareStage(recipe, current);
    current = snapshotOf(share);
  }
  if (recipe.share?.retrain) {
    const centroids = finished.find(isCentroidTraining);
    if (!centroids)
      return centroidTrainingStage(recipe, {
        start: current,
        dense,
        latent,
        pruned: prunedBy(best, recipe, finished),
      });
    current = snapshotOf(centroids);
  }
  const encode = find(finished, 'encode');
  if (!encode) return encodeStage(recipe, current);
  return find(finished, 'evaluate')
    ? undefined
    : evaluateStage(recipe, encode.result.outputs['artifact'].digest);
}

/** The stage that pruned in that round: `prune`, or the retraining itself. */
function prunedBy(
  round: FinishedStage | undefined,
  recipe: ResolvedRecipe,
  finished: readonly FinishedStage[],
): FinishedStage | undefined {
  if (recipe.prune?.during) return round;
  return finished.find(({ spec }) => spec.kind === 'prune' && spec.round === round?.spec.round);
}

/** The next pruning of units, or the retraining after it. */
function nextUnitStage(
  recipe: ResolvedRecipe,
  train: FinishedStage,
  finished: readonly FinishedStage[],
): StageSpec | undefined {
  const retrains = finished.filter(isUnitRetrain);
  if (retrains.length >= unitRoundsOf(recipe)) return undefined;
  const round = retrains.length + 1;
  const pruned = finished.find(({ spec }) => spec.kind === 'pruneUnits' && spec.round === round);
  if (!pruned) return pruneUnitsStage(recipe, { round, start: snapshotOf(retrains.at(-1) ?? train) });
  return retrainUnitsStage(recipe, { round, pruned, start: snapshotOf(pruned), dense: snapshotOf(train) });
}

/** The next prune or retrain, unless the rounds are over or the budget is broken. */
function nextRoundStage(
  recipe: ResolvedRecipe,
  train: FinishedStage,
  finished: readonly FinishedStage[],
): StageSpec | undefined {
  if (!recipe.prune) return undefined;
  const rounds = finished.filter(isRoundRetrain);
  if (roundsOver(recipe, train, rounds)) return undefined;
  const round = rounds.length + 1;
  const before = snapshotOf(rounds.at(-1) ?? finished.filter(isUnitRetrain).at(-1) ?? train);
  const dense = snapshotOf(train);
  if (recipe.prune.during) return retrainStage(recipe, { round, start: before, dense, prunes: [] });
  const prunes = finished.filter(({ spec }) => spec.kind === 'prune');
  const prune = prunes[round - 1];
  if (!prune) return pruneStage(recipe, { round, start: before });
  return recipe.retrain
    ? retrainStage(recipe, { round, start: snapshotOf(prune), dense, prunes })
    : undefined;
}

/** The stages that a run of this recipe goes through when no budget is broken. */
export function expectedStages(recipe: ResolvedRecipe): ExpectedStage[] {
  const stages: ExpectedStage[] = [{ kind: 'train' }];
  if (recipe.prune?.sensitivity) stages.push({ kind: 'sensitivity' });
  for (let round = 1; round <= unitRoundsOf(recipe); round++) {
    stages.push({ kind: 'pruneUnits', round }, { kind: 'retrain', round, phase: 'units' });
  }
  for (let round = 1; recipe.prune && round <= recipe.prune.schedule.rounds; round++) {
    if (!recipe.prune.during) stages.push({ kind: 'prune', round });
    if (recipe.retrain) stages.push({ kind: 'retrain', round });
  }
  if (recipe.prune?.deadUnits === 'remove') stages.push({ kind: 'shrink' });
  if (recipe.share || recipe.quantize) stages.push({ kind: 'share' });
  if (recipe.share?.retrain) stages.push({ kind: 'retrain', shared: true });
  stages.push({ kind: 'encode' }, { kind: 'evaluate' });
  return stages;
}

/**
 * The stages up to and with the retrain of `round`; 0 is the dense network, with its curves where the recipe that the run goes on
 * with asks for the same ones. Throws STAGE_UNDO_ROUND.
 */
export function truncateToRound(
  finished: readonly FinishedStage[],
  round: number,
  recipe: ResolvedRecipe,
): FinishedStage[] {
  const rounds = finished.filter(isRoundRetrain);
  const last = round === 0 ? find(finished, 'train') : rounds.find(({ spec }) => spec.round === round);
  if (!last) {
    const known = rounds.map(({ spec }) => spec.round).join(', ') || 'none';
    throw stagesError('STAGE_UNDO_ROUND', { round, rounds: known });
  }
  const end = finished.indexOf(last) + 1;
  const kept = finished.slice(0, end);
  const curves: FinishedStage | undefined = round === 0 ? finished[end] : undefined;
  const wanted = recipe.prune?.sensitivity;
  if (!wanted || curves?.spec.kind !== 'sensitivity') return kept;
  const key = stageKey(sensitivityStage(recipe, snapshotOf(last), wanted), sha256);
  return key === curves.key ? [...kept, curves] : kept;
}

function isUnitRetrain({ spec }: FinishedStage): boolean {
  return spec.kind === 'retrain' && spec.phase === 'units';
}

function isCentroidTraining({ spec }: FinishedStage): boolean {
  return spec.kind === 'retrain' && spec.round === undefined;
}

function find(finished: readonly FinishedStage[], kind: StageKind): FinishedStage | undefined {
  return finished.find(({ spec }) => spec.kind === kind);
}

function snapshotOf({ result }: FinishedStage): Digest {
  return result.outputs['snapshot'].digest;
}
