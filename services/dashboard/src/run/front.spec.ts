import type { RoundView } from '@espalier/protocol/view';
import { frontPoints, frontScale, placeRatio } from './front';

function round(number: number, ratio: number, testError?: number): RoundView {
  return {
    round: number,
    keptShare: 1 / ratio,
    ratio,
    stageKey: `r${number}`,
    ...(testError === undefined ? {} : { testError }),
  };
}

describe('the front of error against ratio', () => {
  const rounds = [round(1, 2, 0.02), round(2, 4, 0.015), round(3, 8, 0.03), round(4, 16, 0.025)];
  const points = frontPoints(rounds, frontScale(rounds, 0.018));

  it('has the rounds that no other beats in both', () => {
    expect(points.filter(({ best }) => best).map(({ round: { round: number } }) => number)).toEqual([2, 4]);
  });

  it('has fewer weights to the right and less error below', () => {
    expect(points.map(({ x }) => x)).toEqual([...points.map(({ x }) => x)].sort((a, b) => a - b));
    const [first, second] = points;
    expect(second.y).toBeGreaterThan(first.y);
    for (const { x, y } of points) {
      expect(Math.min(x, y)).toBeGreaterThan(0);
      expect(Math.max(x, y)).toBeLessThan(1);
    }
  });

  it('has equal distances for equal ratios', () => {
    const scale = frontScale(rounds, undefined);
    const step = placeRatio(4, scale) - placeRatio(2, scale);
    expect(placeRatio(8, scale) - placeRatio(4, scale)).toBeCloseTo(step, 12);
  });

  it('uses held-out errors where the test set was not looked at, and leaves out rounds without any', () => {
    const some = [{ ...round(1, 2), heldOutError: 0.02 }, round(2, 4)];
    expect(frontPoints(some, frontScale(some, undefined))).toHaveLength(1);
    expect(frontPoints([], frontScale([], undefined))).toEqual([]);
  });
});
