import { Random } from '@espalier/base';
import { bindCriterion } from '@espalier/plugin-api';
import { Mask } from '@espalier/tensor';
import { builtInPlugin } from '../built-in-plugin';
import { layerStd } from '../selection/layer-std';
import { CRITERIA, criterionByName } from './criterion-by-name';

const weights = Float32Array.of(-2, 0.5, 0, 4);
const input = { name: 'fc1/kernel', shape: [2, 2], weights, random: new Random(1), options: {} };

describe('magnitude', () => {
  it('is |w|, and leaves the weights as they are', async () => {
    expect([...(await criterionByName('magnitude').score(input))]).toEqual([2, 0.5, 0, 4]);
    expect([...weights]).toEqual([-2, 0.5, 0, 4]);
  });
});

describe('magnitude-normalised', () => {
  const criterion = criterionByName('magnitude-normalised');

  it('divides by the standard deviation of the survivors, or by their mean |w|', async () => {
    const previousMask = Mask.fromFlags([2, 2], [1, 0, 0, 1]);
    const byStd = await criterion.score({ ...input, previousMask, options: { by: 'std' } });
    expect(byStd[3]).toBeCloseTo(4 / layerStd(weights, previousMask), 6);
    expect((await criterion.score({ ...input, previousMask, options: { by: 'mean' } }))[3]).toBeCloseTo(
      4 / 3,
      6,
    );
  });

  it('makes layers of different scale comparable', async () => {
    const scaled = { ...input, weights: weights.map((w) => 1024 * w) };
    const options = { by: 'std' };
    expect(await criterion.score({ ...scaled, options })).toEqual(
      await criterion.score({ ...input, options }),
    );
  });

  it('scores equal weights alike instead of dividing by zero', async () => {
    expect([
      ...(await criterion.score({ ...input, weights: new Float32Array(2), options: { by: 'std' } })),
    ]).toEqual([0, 0]);
  });

  it('refuses another measure', () => {
    expect(() => bindCriterion(builtInPlugin, 'magnitude-normalised', { by: 'max' })).toThrow(
      'PLUGIN_OPTION: the option "by" of the criterion "magnitude-normalised" must be one of std, mean, but it is "max".',
    );
  });
});

describe('random', () => {
  it('depends on the generator alone', async () => {
    const criterion = criterionByName('random');
    const scores = await criterion.score({ ...input, random: new Random(7) });
    expect(await criterion.score({ ...input, weights: new Float32Array(4), random: new Random(7) })).toEqual(
      scores,
    );
    expect(await criterion.score({ ...input, random: new Random(8) })).not.toEqual(scores);
  });
});

describe('fisher', () => {
  it("is weight^2 * Adam's second moment", async () => {
    const secondMoment = Float32Array.of(1, 4, 100, 0.25);
    expect([...(await criterionByName('fisher').score({ ...input, secondMoment }))]).toEqual([4, 1, 0, 4]);
  });

  it('refuses to score without a second moment', async () => {
    expect(() => criterionByName('fisher').score(input)).toThrow(/secondMoment/);
  });
});

describe('taylor', () => {
  it('is |weight * gradient|', async () => {
    const gradients = Float32Array.of(1, -2, 100, 0.25);
    expect([...(await criterionByName('taylor').score({ ...input, gradients }))]).toEqual([2, 1, 0, 1]);
  });

  it('ranks weights by what removing them does to a quadratic loss, near its minimum', async () => {
    // loss = sum of (w - t)^2 / 2, so g = w - t; removing w changes it by -w * g + w^2 / 2 exactly.
    const gradients = Float32Array.of(3, 0.1, 9, -0.5);
    const scores = await criterionByName('taylor').score({ ...input, gradients });
    expect([...scores].indexOf(Math.max(...scores))).toBe(0);
  });
});

describe('criterionByName', () => {
  it('finds each by its own name', async () => {
    for (const [name, criterion] of Object.entries(CRITERIA)) expect(criterion.name).toBe(name);
  });

  it('finds those of plugins too, and names the nearest when there is none', async () => {
    const mine = { ...criterionByName('magnitude'), name: 'mine' };
    expect(criterionByName('mine', { mine })).toBe(mine);
    expect(() => criterionByName('magnitud')).toThrow(
      'PRUNING_UNKNOWN_NAME: there is no criterion called "magnitud"; did you mean "magnitude"?',
    );
    expect(() => criterionByName('constructor')).toThrow('PRUNING_UNKNOWN_NAME');
  });
});
