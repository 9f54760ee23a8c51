import * as fc from 'fast-check';
import { suggestQualities, type SensitivityCurve } from './suggest-qualities';

const tough: SensitivityCurve = {
  layer: 'fc1',
  weights: 1000,
  points: [
    { keep: 0.5, error: 0.01, quality: 0.5 },
    { keep: 0.1, error: 0.012, quality: 1.2 },
    { keep: 0.01, error: 0.1, quality: 2 },
  ],
};
const tender: SensitivityCurve = {
  layer: 'conv1',
  weights: 100,
  points: [
    { keep: 0.8, error: 0.011, quality: 0.2 },
    { keep: 0.1, error: 0.3, quality: 1 },
  ],
};

function slowBest(curves: readonly SensitivityCurve[], denseError: number, budget: number): number {
  const options = curves.map(({ points, weights }) => {
    let cost = 0;
    const steps = [...points]
      .sort((a, b) => b.keep - a.keep)
      .map((point) => {
        cost = Math.max(cost, point.error - denseError);
        return { cost, removed: (1 - point.keep) * weights };
      });
    return [{ cost: 0, removed: 0 }, ...steps];
  });
  let best = 0;
  const walk = (i: number, cost: number, removed: number): void => {
    if (cost > budget + 1e-9) return;
    if (i === options.length) best = Math.max(best, removed);
    else for (const option of options[i]) walk(i + 1, cost + option.cost, removed + option.removed);
  };
  walk(0, 0, 0);
  return best;
}

const curve = fc.record({
  layer: fc.constantFrom('a', 'b'),
  weights: fc.integer({ min: 1, max: 1000 }),
  points: fc.array(
    fc.record({
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      error: fc.double({ min: 0, max: 0.2, noNaN: true }),
    }),
    { maxLength: 5 },
  ),
});

describe('suggestQualities', () => {
  it('spends the error where it removes the most weights', () => {
    const suggested = suggestQualities([tough, tender], { denseError: 0.01, maxErrorIncrease: 0.003 });
    expect(suggested.map(({ layer, keep, quality }) => [layer, keep, quality])).toEqual([
      ['fc1', 0.1, 1.2],
      ['conv1', 0.8, 0.2],
    ]);
    expect(suggested[0].errorIncrease).toBeCloseTo(0.002, 12);
  });

  it('takes what is free even when nothing may be spent, and leaves the tender layer dense', () => {
    const suggested = suggestQualities([tough, tender], { denseError: 0.01, maxErrorIncrease: 0 });
    expect(suggested.map(({ keep }) => keep)).toEqual([0.5, 1]);
  });

  it('stays within the budget, and removes all that can be removed when the budget allows any error', () => {
    fc.assert(
      fc.property(
        fc.array(curve, { minLength: 1, maxLength: 3 }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        (curves, budget) => {
          const suggested = suggestQualities(curves, { denseError: 0.05, maxErrorIncrease: budget });
          const spent = suggested.reduce((sum, { errorIncrease }) => sum + errorIncrease, 0);
          const removed = suggested.reduce((sum, { keep }, i) => sum + (1 - keep) * curves[i].weights, 0);
          expect(spent).toBeLessThanOrEqual(budget + 1e-9);
          expect(removed).toBeLessThanOrEqual(slowBest(curves, 0.05, budget) + 1e-6);
          const whole = suggestQualities(curves, { denseError: 0.05, maxErrorIncrease: 1 });
          const all = whole.reduce((sum, { keep }, i) => sum + (1 - keep) * curves[i].weights, 0);
          expect(all).toBeCloseTo(slowBest(curves, 0.05, 1), 6);
        },
      ),
    );
  });

  it('does not trust a point that is better than a milder one: noise', () => {
    const noisy = {
      layer: 'a',
      weights: 10,
      points: [
        { keep: 0.5, error: 0.5 },
        { keep: 0.4, error: 0.01 },
      ],
    };
    expect(suggestQualities([noisy], { denseError: 0.01, maxErrorIncrease: 0.1 })[0].keep).toBe(1);
  });

  it('refuses curves that are no shares', () => {
    const bad = { layer: 'fc1', weights: 1, points: [{ keep: 2, error: 0 }] };
    expect(() => suggestQualities([bad], { denseError: 0, maxErrorIncrease: 0 })).toThrow(
      'PRUNING_CURVE: the sensitivity curve of "fc1" has a kept share of 2',
    );
    expect(() => suggestQualities([], { denseError: 0, maxErrorIncrease: -1 })).toThrow('PRUNING_BUDGET');
  });
});
