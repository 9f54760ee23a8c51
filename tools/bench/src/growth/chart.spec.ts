import { growthChart } from './chart';
import { GROWTH_STAGES, type GrowthPoint, type GrowthResults } from './results';

const linear = [1e5, 1e6, 1e7].map((weights): GrowthPoint => ({
  weights,
  seconds: 0,
  cpuSeconds: weights * 1e-8,
  memoryBytes: weights * 10,
}));
const stages = Object.fromEntries(
  GROWTH_STAGES.map((stage) => [stage, linear]),
) as unknown as GrowthResults['stages'];

/** The points of the stages' curves, [x, y]. */
function curves(svg: string): number[][][] {
  return [...svg.matchAll(/<path d="M([^"]+)" class="[a-z]+-line" stroke-width="2"\/>/g)]
    .map(([, points]) => points.split('L').map((point) => point.split(' ').map(Number)))
    .filter((points) => points.length > 1);
}

describe('the chart of growth', () => {
  it('shows linear growth as a straight line, over the whole width', () => {
    for (const [first, middle, last] of curves(growthChart({ stages }))) {
      expect(middle[0] - first[0]).toBeCloseTo(last[0] - middle[0], 0);
      expect(middle[1] - first[1]).toBeCloseTo(last[1] - middle[1], 0);
      expect(last[1]).toBeLessThan(first[1]);
    }
    expect(curves(growthChart({ stages }))).toHaveLength(2 * GROWTH_STAGES.length);
  });

  it('leaves out what cannot be told from nothing', () => {
    const none = { ...stages, prune: [{ ...linear[0], memoryBytes: 0 }, linear[1], linear[2]] };
    const lengths = curves(growthChart({ stages: none })).map(({ length }) => length);
    expect(lengths.filter((length) => length === 2)).toHaveLength(1);
  });
});
