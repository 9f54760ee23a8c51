import { Random } from '@espalier/base';
import { definePlugin, type CriterionDefinition } from '@espalier/plugin-api';
import { Mask, sizeOf, type Shape } from '@espalier/tensor';
import plugin from './index';

type Input = Parameters<CriterionDefinition['score']>[0];

const SHAPES: readonly Shape[] = [
  [7, 5],
  [3, 2, 4, 6],
];

function inputFor(shape: Shape, given: Partial<Input> = {}): Input {
  const random = new Random(7);
  const draw = (): Float32Array => Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
  return { name: 'layer/kernel', shape, weights: draw(), gradients: draw(), random, options: {}, ...given };
}

/** The weights of one unit, taken out one by one. */
function unitOf(values: Float32Array, shape: Shape, unit: number): number[] {
  const units = shape[shape.length - 1];
  return [...values].filter((_, i) => i % units === unit);
}

/** [units], with each weight of a unit having the same score. */
function scoresOf(name: string, input: Input): number[] {
  const criterion = plugin.criteria?.[name] as CriterionDefinition;
  const scores = criterion.score(input) as Float32Array;
  const units = input.shape[input.shape.length - 1];
  expect(scores).toHaveLength(sizeOf(input.shape));
  scores.forEach((score, i) => expect(score).toBe(scores[i % units]));
  return [...scores.subarray(0, units)];
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-5 * (1 + expected[i])));
}

it('is a well-defined plugin', () => {
  expect(definePlugin(plugin)).toBe(plugin);
});

describe.each(SHAPES)('on a kernel of shape %p, %p', (...axes) => {
  const shape = axes as Shape;
  const units = Array.from({ length: shape[shape.length - 1] }, (_, unit) => unit);
  const input = inputFor(shape);
  const { weights } = input;
  const gradients = input.gradients as Float32Array;

  it('filter-l1 adds up the absolute weights of each unit', () => {
    const expected = units.map((unit) =>
      unitOf(weights, shape, unit).reduce((sum, w) => sum + Math.abs(w), 0),
    );
    expectClose(scoresOf('filter-l1', input), expected);
  });

  it('filter-taylor squares the sum of weight times gradient of each unit', () => {
    const expected = units.map((unit) => {
      const g = unitOf(gradients, shape, unit);
      return unitOf(weights, shape, unit).reduce((sum, w, i) => sum + w * g[i], 0) ** 2;
    });
    expectClose(scoresOf('filter-taylor', input), expected);
  });

  it('geometric-median adds up the distances of each unit to all others', () => {
    const expected = units.map((unit) =>
      units.reduce((sum, other) => {
        const theirs = unitOf(weights, shape, other);
        return sum + Math.hypot(...unitOf(weights, shape, unit).map((w, i) => w - theirs[i]));
      }, 0),
    );
    expectClose(scoresOf('geometric-median', input), expected);
  });

  it('no criterion changes its input or depends on anything else', () => {
    for (const name of Object.keys(plugin.criteria ?? {})) {
      const before = weights.slice();
      expect(scoresOf(name, input)).toEqual(scoresOf(name, inputFor(shape)));
      expect(weights).toEqual(before);
    }
  });
});

it('geometric-median prefers the unit between two others, whatever its norm', () => {
  // Units (columns) at 10, 11 and 12: the middle one is the median, the first has the least norm.
  expect(scoresOf('geometric-median', inputFor([1, 3], { weights: Float32Array.of(10, 11, 12) }))).toEqual([
    3, 2, 3,
  ]);
});

it('geometric-median leaves out units of which nothing is left', () => {
  const weights = Float32Array.of(10, 0, 11, 12);
  const previousMask = Mask.fromFlags([1, 4], [1, 0, 1, 1]);
  expect(scoresOf('geometric-median', inputFor([1, 4], { weights, previousMask }))).toEqual([3, 0, 2, 3]);
});

it('filter-taylor says so when its gradients did not come', () => {
  expect(() => scoresOf('filter-taylor', inputFor([2, 2], { gradients: undefined }))).toThrow(
    'PLUGIN_CHANNELS_GRADIENTS',
  );
});
