import { curvesSvg, curvesTable, suggest, suggestionText } from './sensitivity-report';

const point = (keep: number, error: number, retrainedError: number) => ({ keep, error, retrainedError });
const RESULT = {
  denseError: 0.01,
  retrainSteps: 100,
  curves: [
    { name: 'fc1/kernel', points: [point(0.5, 0.01, 0.01), point(0.1, 0.03, 0.011)] },
    { name: 'fc2/kernel', points: [point(0.5, 0.02, 0.012), point(0.1, 0.2, 0.05)] },
  ],
};
const KERNELS = new Map([
  ['fc1/kernel', Float32Array.from({ length: 1000 }, (_, i) => (i - 500) / 500)],
  ['fc2/kernel', Float32Array.from({ length: 100 }, (_, i) => (i - 50) / 50)],
]);

describe('sensitivity report', () => {
  it('has a row a share and two columns a layer', () => {
    expect(curvesTable(RESULT).split('\n').slice(2)).toEqual([
      '   kept     fc1  retrained      fc2  retrained',
      '-------  ------  ---------  -------  ---------',
      '50.00 %  1.00 %     1.00 %   2.00 %     1.20 %',
      '10.00 %  3.00 %     1.10 %  20.00 %     5.00 %',
    ]);
    expect(curvesTable({ ...RESULT, retrainSteps: 0 })).not.toContain('retrained  ');
  });

  it('draws a dashed and a full curve a layer', () => {
    expect(curvesSvg('lenet', RESULT).match(/<polyline/g)).toHaveLength(4);
    expect(curvesSvg('lenet', { ...RESULT, retrainSteps: 0 }).match(/<polyline/g)).toHaveLength(2);
  });

  it('suggests the sharpest pruning of the robust layer, with its threshold in standard deviations', () => {
    const [fc1, fc2] = suggest(RESULT, KERNELS, 0.002);
    expect([fc1.layer, fc1.keep, fc2.layer, fc2.keep]).toEqual(['fc1', 0.1, 'fc2', 1]);
    // Uniform in +-1: the standard deviation is 1 / sqrt(3), and 90 % lie within +-0.9.
    expect(fc1.quality).toBeCloseTo(0.9 * Math.sqrt(3), 1);
    expect(fc2.quality).toBe(0);
  });

  it('can be pasted into a recipe', () => {
    expect(suggestionText(suggest(RESULT, KERNELS, 0.002), 0.002)).toMatch(
      /prune:\n {2}quality: \{ fc1: 1\.\d{3}, fc2: 0\.000 \}/,
    );
  });
});
