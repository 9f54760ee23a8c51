/**
 * From sensitivity curves (HAN15 section 5, figure 6: error as a function of the share pruned, one layer at a time) to an
 * amount for each layer. HAN15 picks them by eye: "the smallest threshold was applied to the most sensitive layer". Here
 * the error that the budget allows is spent where it buys the most weights: errors of single layers are taken to add up.
 */
import { pruningError } from '../errors';

export interface SensitivityPoint {
  /** Share of the layer's weights that is kept, the other layers dense. */
  readonly keep: number;
  /** Error of the network then, a share from 0 to 1. */
  readonly error: number;
  /** The threshold of this point, in standard deviations of the layer's weights, where it was recorded. */
  readonly quality?: number;
}

export interface SensitivityCurve {
  readonly layer: string;
  /** Weights of the layer. */
  readonly weights: number;
  /** In any order; the dense network (keep 1) need not be among them. */
  readonly points: readonly SensitivityPoint[];
}

export interface SuggestionBudget {
  /** Error of the dense network. */
  readonly denseError: number;
  /** What all layers together may add to it. */
  readonly maxErrorIncrease: number;
}

export interface LayerSuggestion extends SensitivityPoint {
  readonly layer: string;
  /** What this layer's pruning is expected to add to the error. */
  readonly errorIncrease: number;
}

/** A point as it counts here: what it removes and what that costs. */
interface Step {
  readonly point: SensitivityPoint;
  readonly removed: number;
  readonly cost: number;
}

/**
 * One measured point of each curve, such that the error increases add up to no more than the budget and, as far as
 * whole steps along the curves' lower convex hulls allow, the most weights are removed. Noise is smoothed by taking an
 * error to be at least that of every milder pruning of the layer. Throws PRUNING_CURVE, PRUNING_BUDGET.
 */
export function suggestQualities(
  curves: readonly SensitivityCurve[],
  { denseError, maxErrorIncrease }: SuggestionBudget,
): LayerSuggestion[] {
  if (!(maxErrorIncrease >= 0 && maxErrorIncrease <= 1)) {
    throw pruningError('PRUNING_BUDGET', { field: 'maxErrorIncrease', actual: String(maxErrorIncrease) });
  }
  const hulls = curves.map((curve) => lowerHull(stepsOf(curve, denseError)));
  const taken = curves.map(() => 0);
  const done = curves.map(() => false);
  let left = maxErrorIncrease;
  for (;;) {
    const next = cheapest(hulls, taken, done);
    if (next === undefined) break;
    const cost = hulls[next][taken[next] + 1].cost - hulls[next][taken[next]].cost;
    // A dearer step of this layer cannot fit either, but another layer's may.
    if (cost > left + 1e-12) done[next] = true;
    else {
      left -= cost;
      taken[next]++;
    }
  }
  return curves.map(({ layer }, i) => {
    const { point, cost } = hulls[i][taken[i]];
    return { layer, ...point, errorIncrease: cost };
  });
}

/** From dense to the sparsest point, costs never falling. */
function stepsOf(curve: SensitivityCurve, denseError: number): Step[] {
  const points = [...curve.points].sort((a, b) => b.keep - a.keep);
  for (const { keep, error } of points) {
    if (!(keep >= 0 && keep <= 1)) throw broken(curve, `has a kept share of ${keep}`);
    if (!(error >= 0 && error <= 1)) throw broken(curve, `has an error of ${error}`);
  }
  const steps: Step[] = [{ point: { keep: 1, error: denseError, quality: 0 }, removed: 0, cost: 0 }];
  for (const point of points) {
    const cost = Math.max(steps[steps.length - 1].cost, point.error - denseError);
    steps.push({ point, removed: (1 - point.keep) * curve.weights, cost });
  }
  return steps;
}

/** The steps from which every further one costs more a weight: Andrew's monotone chain. */
function lowerHull(steps: readonly Step[]): Step[] {
  const hull: Step[] = [];
  for (const step of steps) {
    const previous = hull[hull.length - 1];
    if (previous && step.removed <= previous.removed) continue;
    while (
      hull.length >= 2 &&
      slope(hull[hull.length - 2], hull[hull.length - 1]) >= slope(hull[hull.length - 1], step)
    ) {
      hull.pop();
    }
    hull.push(step);
  }
  return hull;
}

/** The layer whose next step costs the least error a weight; undefined when no layer has one. */
function cheapest(
  hulls: readonly Step[][],
  taken: readonly number[],
  done: readonly boolean[],
): number | undefined {
  let best: number | undefined;
  let lowest = Infinity;
  hulls.forEach((hull, i) => {
    if (done[i] || taken[i] + 1 >= hull.length) return;
    const price = slope(hull[taken[i]], hull[taken[i] + 1]);
    if (price < lowest) {
      best = i;
      lowest = price;
    }
  });
  return best;
}

/** Error a weight between two steps. */
function slope(from: Step, to: Step): number {
  return (to.cost - from.cost) / (to.removed - from.removed);
}

function broken(curve: SensitivityCurve, problem: string): Error {
  return pruningError('PRUNING_CURVE', { layer: curve.layer, problem });
}
