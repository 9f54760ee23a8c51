/** The accuracy budget: does a round stand, or does the run go back to the best one before? */
import { pruningError } from '../errors';

export interface FinishedRound {
  /** 0 is the dense network. */
  readonly round: number;
  /** Error on the held-out part of the training set, a share from 0 to 1. */
  readonly error: number;
  /** Weights kept. */
  readonly kept: number;
}

/** Both limits hold when both are given. Errors are shares: 0.0005 is 0.05 points. */
export interface AccuracyBudget {
  /** Above the dense network's error. */
  readonly maxErrorIncrease?: number;
  readonly maxError?: number;
}

export interface RoundDecision {
  /** `rollback`: the last round broke the budget; pruning ends, and `round` is what is encoded. */
  readonly decision: 'continue' | 'rollback';
  /** The best round so far: within the budget, with the fewest weights; the lower error wins a tie. */
  readonly round: number;
  /** The error that must not be exceeded; absent without a budget. */
  readonly limit?: number;
  readonly reason: string;
}

/** Differences below this are rounding: one wrong image in 10^8. */
const TOLERANCE = 1e-9;

/**
 * What follows from the rounds so far, the last of which has just finished. When not even the dense network is within
 * the budget, it is still what is gone back to. Throws PRUNING_BUDGET, PRUNING_HISTORY.
 */
export function decideRound(history: readonly FinishedRound[], budget: AccuracyBudget): RoundDecision {
  const dense = history.find(({ round }) => round === 0);
  if (!dense) throw pruningError('PRUNING_HISTORY');
  const limit = limitOf(dense, budget);
  const within = history.filter(({ error }) => error <= limit + TOLERANCE);
  const best = within.reduce(
    (a, b) => (b.kept < a.kept || (b.kept === a.kept && b.error < a.error) ? b : a),
    within[0] ?? dense,
  );
  const last = history[history.length - 1];
  const stands = last.round === 0 || within.includes(last);
  const limits = limit === Infinity ? {} : { limit };
  if (stands) {
    const reason =
      limit === Infinity ? 'no budget is set' : `${percent(last.error)} is within ${percent(limit)}`;
    return { decision: 'continue', round: best.round, ...limits, reason };
  }
  const reason = `round ${last.round} has ${percent(last.error)} error, above ${percent(limit)}: back to round ${best.round}`;
  return { decision: 'rollback', round: best.round, ...limits, reason };
}

function limitOf(dense: FinishedRound, { maxErrorIncrease, maxError }: AccuracyBudget): number {
  for (const [field, value] of Object.entries({ maxErrorIncrease, maxError })) {
    if (value !== undefined && !(value >= 0 && value <= 1)) {
      throw pruningError('PRUNING_BUDGET', { field, actual: String(value) });
    }
  }
  return Math.min(
    maxError ?? Infinity,
    maxErrorIncrease === undefined ? Infinity : dense.error + maxErrorIncrease,
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
