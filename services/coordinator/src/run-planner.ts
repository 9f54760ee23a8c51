/** What the coordinator asks about a recipe. The one that is used is made of `@espalier/stages`; tests bring their own. */
import type { JsonValue } from '@espalier/base';
import type { ContributionRef, PluginPin } from '@espalier/plugin-api';
import type { Swap } from '@espalier/recipe';
import type { FinishedStage, NextStep, RunningStage, StageSpec } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';
import type { WireBytes } from './run-events';

export interface ReportExtras {
  readonly run: string;
  /** As many as there are finished stages, in their order. */
  readonly stages: readonly {
    readonly seconds: number;
    readonly wire: WireBytes;
    readonly cached: boolean;
  }[];
  /** The engine of the service that ran the first stage. */
  readonly engine: JsonValue;
}

/** What must be let in by those who score before a swap is logged. */
export interface SwapAdmission {
  /** Of the stages that score. */
  readonly kind: StageSpec['kind'];
  /** In full, as the wish has it. */
  readonly name: string;
  readonly criterion: ContributionRef & { readonly plugin: PluginPin };
  /** What it needs, as its plugin's entry in the recipe says. */
  readonly needs: readonly string[];
}

export interface SwapPlan {
  readonly swap: Swap;
  /** Is the running stage to be interrupted for it? */
  readonly interrupts: boolean;
  /** Absent for one of ours. */
  readonly admission?: SwapAdmission;
}

/** What a stage is called by. */
export type StageTitleParts = Pick<StageSpec, 'kind' | 'round' | 'phase'>;

export interface RunPlanner {
  /** A resolved recipe as it came from outside, checked. Throws what is wrong with it. */
  checkRecipe(value: unknown): JsonValue;
  nextStage(recipe: JsonValue, finished: readonly FinishedStage[]): NextStep;
  /** The finished stages that remain when the run goes back to the end of that round, and on from there by this recipe. */
  truncateToRound<F extends FinishedStage>(
    finished: readonly F[],
    round: number,
    recipe: JsonValue,
  ): readonly F[];
  /** Where a change of criterion takes effect, and what must be done for it. Throws why it cannot be. */
  planSwap(
    recipe: JsonValue,
    finished: readonly FinishedStage[],
    wish: JsonValue,
    running?: RunningStage,
  ): SwapPlan;
  /** The stages of a run of this recipe when no budget is broken. */
  expectedStages(recipe: JsonValue): readonly StageTitleParts[];
  /** For people: `prune 3`. */
  stageTitle(spec: StageTitleParts): string;
  stageKey(spec: StageSpec): Digest;
  buildReport(recipe: JsonValue, finished: readonly FinishedStage[], extras: ReportExtras): JsonValue;
}
