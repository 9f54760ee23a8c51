/** The accuracy budget: which rounds hold it, and from which one the run goes on. */
import type { ResolvedRecipe } from '@espalier/recipe';
import type { FinishedStage } from './planner';

/** Are there no more rounds: all done, or the last one broke the budget? */
export function roundsOver(
  recipe: ResolvedRecipe,
  train: FinishedStage,
  rounds: readonly FinishedStage[],
): boolean {
  const last = rounds.at(-1);
  if (rounds.length >= (recipe.prune?.schedule.rounds ?? 0)) return true;
  return last !== undefined && !holdsBudget(recipe, train, last);
}

/**
 * The round that the run goes on with: the last one that holds the budget; without one, or when none holds, the last
 * of all without a budget and none (the dense network) with one.
 */
export function bestRound(
  recipe: ResolvedRecipe,
  train: FinishedStage,
  finished: readonly FinishedStage[],
): FinishedStage | undefined {
  const rounds = finished.filter(({ spec }) => spec.kind === 'retrain' && spec.round !== undefined);
  const last = rounds.at(-1) ?? finished.filter(({ spec }) => spec.kind === 'prune').at(-1);
  if (!recipe.budget || rounds.length === 0) return last;
  return rounds.filter((round) => holdsBudget(recipe, train, round)).at(-1);
}

/** Does this round's held-out error hold the recipe's budget? True without a budget. */
export function holdsBudget(recipe: ResolvedRecipe, train: FinishedStage, round: FinishedStage): boolean {
  const { budget } = recipe;
  if (!budget) return true;
  const error = heldOutError(round);
  return 'maxError' in budget
    ? error <= budget.maxError
    : error <= heldOutError(train) + budget.maxErrorIncrease;
}

function heldOutError({ result }: FinishedStage): number {
  const error = result.metrics['heldOutError'];
  return typeof error === 'number' ? error : Infinity;
}
