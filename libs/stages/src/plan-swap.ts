/**
 * Where a change of criterion takes effect in a run that goes on: at the next round, or, where the retraining prunes, at its next
 * pruning. A round that has begun keeps what it began with. Pure.
 */
import { withSwap, type ResolvedRecipe, type Swap } from '@espalier/recipe';
import { sha256 } from '@espalier/tensor/digest';
import { stagesError } from './errors';
import { nextStage } from './planner';
import { stageKey, stageTitle, type FinishedStage } from './stage';

export interface RunningStage {
  readonly key: string;
  /** How far it will have come before it can be told, in steps of its training. */
  readonly step?: number;
}

export interface PlannedSwap {
  readonly swap: Swap;
  /** The run's recipe with the swap in it. */
  readonly recipe: ResolvedRecipe;
  /** The running stage prunes itself: it is to be interrupted, and goes on with the swap. */
  readonly interrupts: boolean;
}

/**
 * @param wish the criterion, its name spelled in full, with the plugins that it brings
 * @throws STAGE_SWAP when there is nothing left to score, or the swap would change what is done already
 */
export function planSwap(
  recipe: ResolvedRecipe,
  finished: readonly FinishedStage[],
  wish: Pick<Swap, 'criterion' | 'plugins'>,
  running?: RunningStage,
): PlannedSwap {
  const { prune } = recipe;
  if (!prune) throw stagesError('STAGE_SWAP', { problem: 'its recipe prunes nothing' });
  const next = nextStage(recipe, finished);
  const isRunning = next.step === 'stage' && running?.key === stageKey(next.spec, sha256);
  const inTraining =
    prune.during && next.step === 'stage' && next.spec.kind === 'retrain' && next.spec.round === 1;
  const interrupts = isRunning && inTraining === true;
  const round = roundOf(recipe, finished, isRunning);
  if (round > prune.schedule.rounds || next.step === 'done') {
    throw stagesError('STAGE_SWAP', { problem: 'its last round is pruned already' });
  }
  const swap: Swap = {
    round,
    ...(interrupts && { fromStep: running?.step ?? 0 }),
    criterion: wish.criterion,
    ...(wish.plugins && { plugins: wish.plugins }),
  };
  const swapped = withSwap(recipe, swap);
  const kept = isRunning && !interrupts ? finished.length + 1 : finished.length;
  for (let done = 0; done < kept; done++) requireSame(recipe, swapped, finished.slice(0, done));
  return { swap, recipe: swapped, interrupts };
}

/** The first round that has not been scored, and is not being scored. */
function roundOf(recipe: ResolvedRecipe, finished: readonly FinishedStage[], isRunning: boolean): number {
  if (recipe.prune?.during) {
    return finished.some(
      ({ spec }) => spec.kind === 'retrain' && spec.phase === undefined && spec.round === 1,
    )
      ? Infinity
      : 1;
  }
  const rounds = finished.filter(({ spec }) => spec.kind === 'prune').length;
  const next = nextStage(recipe, finished);
  const isScored = isRunning && next.step === 'stage' && next.spec.kind === 'prune';
  const isOver = next.step === 'stage' && isAfterRounds(next.spec.kind, next.spec.round);
  return isOver ? Infinity : rounds + (isScored ? 2 : 1);
}

function isAfterRounds(kind: string, round: number | undefined): boolean {
  return (
    ['shrink', 'share', 'encode', 'evaluate'].includes(kind) || (kind === 'retrain' && round === undefined)
  );
}

function requireSame(
  before: ResolvedRecipe,
  after: ResolvedRecipe,
  finished: readonly FinishedStage[],
): void {
  const [was, is] = [before, after].map((recipe) => nextStage(recipe, finished));
  if (was.step === 'done' || is.step === 'done') return;
  if (stageKey(was.spec, sha256) === stageKey(is.spec, sha256)) return;
  const problem = `"${stageTitle(was.spec)}" is done, or under way, and would have had to be done differently for this criterion`;
  throw stagesError('STAGE_SWAP', { problem });
}
