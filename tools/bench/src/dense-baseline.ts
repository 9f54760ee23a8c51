/**
 * The dense network alone, trained for as many epochs as a run trains in all: what a pruned network has to be compared
 * with, since longer training by itself may lower the error.
 */
import { roundsOf, retrainEpochsBefore, type Recipe } from '@espalier/recipe';
import { nextStage } from '@espalier/stages';
import type { BenchWorkspace } from './bench-workspace';
import { summarise, type Summary } from './summary';

export interface DenseBaseline {
  /** Train, the retraining of every round, and that of the centroids. */
  readonly epochs: number;
  readonly seeds: readonly { readonly seed: number; readonly error: number }[];
  readonly error: Summary;
}

/** Epochs that a run of this recipe trains in all, when no budget ends it early. */
export function totalEpochs(recipe: Recipe): number {
  const centroids = recipe.share?.retrain ? recipe.share.retrain.epochs : 0;
  return (recipe.train?.epochs ?? 0) + retrainEpochsBefore(recipe, roundsOf(recipe) + 1) + centroids;
}

/** The recipe's train section alone, its schedule stretched to `epochs`. */
export function stretched(recipe: Recipe, epochs: number): Recipe {
  const { train } = recipe;
  if (!train) return recipe;
  const factor = epochs / train.epochs;
  const rate = train.learningRate;
  const learningRate = rate.kind === 'step' ? { ...rate, everyEpochs: rate.everyEpochs * factor } : rate;
  const { prune: _prune, retrain: _retrain, share: _share, budget: _budget, ...rest } = recipe;
  return { ...rest, train: { ...train, epochs, learningRate } };
}

export async function denseBaseline(
  recipe: Recipe,
  seeds: readonly number[],
  workspace: BenchWorkspace,
  onSeed: (seed: number, error: number) => void,
): Promise<DenseBaseline> {
  const epochs = totalEpochs(recipe);
  const long = stretched(recipe, epochs);
  const errors: { seed: number; error: number }[] = [];
  for (const seed of seeds) {
    const next = nextStage(workspace.resolve({ ...long, seed }), []);
    if (next.step === 'done') break;
    const { result } = await workspace.stage(next.spec);
    const error = result.metrics['testError'] as number;
    errors.push({ seed, error });
    onSeed(seed, error);
  }
  return { epochs, seeds: errors, error: summarise(errors.map(({ error }) => error)) };
}
