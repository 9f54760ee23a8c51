/** The accuracy budget of a run: which rounds hold it, and from which one the run goes on. */
import { decideRound, type FinishedRound } from '@espalier/pruning';
import type { ResolvedRecipe } from '@espalier/recipe';
import type { LayerCount } from './kept';
import { stagesError } from './errors';
import { isRoundRetrain, stageTitle, type FinishedStage } from './stage';

/** Are there no more rounds: all done, or the last one broke the budget? */
export function roundsOver(
  recipe: ResolvedRecipe,
  train: FinishedStage,
  rounds: readonly FinishedStage[],
): boolean {
  if (rounds.length >= (recipe.prune?.schedule.rounds ?? 0)) return true;
  if (!recipe.budget) return false;
  return decide(recipe, train, rounds).decision === 'rollback';
}

/** The round that the run goes on from; undefined for the dense network. Without a budget, the last one. */
export function bestRound(
  recipe: ResolvedRecipe,
  train: FinishedStage,
  finished: readonly FinishedStage[],
): FinishedStage | undefined {
  const rounds = finished.filter(isRoundRetrain);
  if (rounds.length === 0) return finished.filter(({ spec }) => spec.kind === 'prune').at(-1);
  if (!recipe.budget) return rounds.at(-1);
  const { round } = decide(recipe, train, rounds);
  return rounds.find(({ spec }) => spec.round === round);
}

/** Does this round's held-out error hold the recipe's budget? True without a budget. */
export function holdsBudget(recipe: ResolvedRecipe, train: FinishedStage, round: FinishedStage): boolean {
  return !recipe.budget || decide(recipe, train, [round]).decision === 'continue';
}

function decide(recipe: ResolvedRecipe, train: FinishedStage, rounds: readonly FinishedStage[]) {
  return decideRound([train, ...rounds].map(roundOf), recipe.budget ?? {});
}

function roundOf({ spec, result }: FinishedStage): FinishedRound {
  const layers = result.metrics['layers'] as unknown as readonly LayerCount[];
  const error = result.metrics['heldOutError'];
  if (typeof error !== 'number') throw stagesError('STAGE_BUDGET', { stage: stageTitle(spec) });
  return {
    round: spec.round ?? 0,
    error,
    kept: layers.reduce((sum, { kept }) => sum + kept, 0),
  };
}
