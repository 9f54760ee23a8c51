/**
 * What comes next in a run: a pure function of the resolved recipe and of the stages that are done. The coordinator and
 * the in-process runner ask it after each stage; replaying a log asks it the same questions and gets the same answers.
 */
import type { ResolvedRecipe } from '@espalier/recipe';
import type { Digest } from '@espalier/tensor';
import type { StageResult, StageSpec } from './stage';

export interface FinishedStage {
  readonly spec: StageSpec;
  readonly key: Digest;
  readonly result: StageResult;
}

export type NextStep =
  | { readonly step: 'stage'; readonly spec: StageSpec }
  /** Nothing is left: `finished` holds what the report is made from. */
  | { readonly step: 'done' };

/**
 * @param finished the stages of this run in order, without those that an undo took back
 * @param total how many stages the run is expected to have is `expectedStages(recipe)`
 */
export type NextStage = (recipe: ResolvedRecipe, finished: readonly FinishedStage[]) => NextStep;
