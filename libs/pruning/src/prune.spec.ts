import { Random } from '@espalier/base';
import { bindCriterion, definePlugin, type Criterion } from '@espalier/plugin-api';
import { Mask } from '@espalier/tensor';
import * as fc from 'fast-check';
import { criterionByName } from './criteria/criterion-by-name';
import { granularityByName } from './granularity/granularity-by-name';
import { prune, type PruneInput, type PruneLayer, type PruneResult } from './prune';
import { keptCount } from './selection/kept-count';
import { layerStd } from './selection/layer-std';

const fc1: PruneLayer = {
  name: 'fc1/kernel',
  shape: [2, 3],
  weights: Float32Array.of(0.1, -0.5, 0.3, 0, 0.5, -0.2),
};
const fc2: PruneLayer = { name: 'fc2/kernel', shape: [3, 1], weights: Float32Array.of(10, -20, 30) };

function pruned(change: Partial<PruneInput>): ReturnType<typeof prune> {
  return prune({
    layers: [fc1],
    criterion: criterionByName('magnitude'),
    granularity: granularityByName('weight'),
    selection: { scope: 'layer', amounts: { keep: 0.5 } },
    random: new Random(1),
    ...change,
  });
}

function flags(result: PruneResult, name = 'fc1/kernel'): number[] {
  return [...(result.masks.get(name) as Mask).toFlags()];
}

const weights = fc.array(fc.constantFrom(0, 0.1, -0.1, 0.2, 0.3, -0.4, 1), { minLength: 1, maxLength: 60 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('prune', () => {
  it('keeps the largest weights, the lower index among equals, and says where it cut', async () => {
    const result = await pruned({});
    expect(flags(result)).toEqual([0, 1, 1, 0, 1, 0]);
    expect(result.kept.get('fc1/kernel')).toBe(3);
    expect(result.thresholds.get('fc1/kernel')).toBeCloseTo(0.3, 6);
    expect(result.masks.get('fc1/kernel')?.shape).toEqual([2, 3]);
  });

  it('removes |w| below quality times the standard deviation', async () => {
    const result = await pruned({
      selection: { scope: 'layer', amounts: new Map([['fc1/kernel', { quality: 0.8 }]]) },
    });
    const threshold = 0.8 * layerStd(fc1.weights);
    expect(result.thresholds.get('fc1/kernel')).toBe(threshold);
    expect(flags(result)).toEqual([...fc1.weights].map((w) => Number(Math.abs(w) >= threshold)));
    expect(result.kept.get('fc1/kernel')).toBe(3);
  });

  it('takes the deviation of the survivors', async () => {
    const previousMask = Mask.fromFlags([2, 3], [0, 1, 1, 0, 1, 0]);
    const layers = [{ ...fc1, weights: previousMask.apply(fc1.weights.slice()), previousMask }];
    const amounts = { quality: 1 };
    const survivors = await pruned({ layers, selection: { scope: 'layer', amounts } });
    expect(survivors.thresholds.get('fc1/kernel')).toBe(layerStd(layers[0].weights, previousMask));
  });

  it('keeps exactly ceil(keep * size), whatever the ties', async () => {
    await fc.assert(
      fc.asyncProperty(weights, share, async (values, keep) => {
        const layer = { name: 'a', shape: [values.length], weights: Float32Array.from(values) };
        const result = await pruned({
          layers: [layer],
          selection: { scope: 'layer', amounts: { keep }, minKept: 0 },
        });
        expect(result.kept.get('a')).toBe(keptCount(values.length, keep, 'a'));
      }),
    );
  });

  it('only ever removes from round to round, and a smaller share keeps a part of the larger', async () => {
    await fc.assert(
      fc.asyncProperty(weights, fc.array(share, { minLength: 2, maxLength: 5 }), async (values, shares) => {
        let previousMask: Mask | undefined;
        for (const keep of shares) {
          const layer = { name: 'a', shape: [values.length], weights: Float32Array.from(values) };
          const layers = [previousMask ? { ...layer, previousMask } : layer];
          const { masks } = await pruned({ layers, selection: { scope: 'layer', amounts: { keep } } });
          const mask = masks.get('a') as Mask;
          if (previousMask) expect(mask.and(previousMask).equals(mask)).toBe(true);
          previousMask = mask;
        }
        expect(previousMask?.count()).toBe(Math.max(1, keptCount(values.length, Math.min(...shares), 'a')));
      }),
    );
  });

  it('brings no weight back', async () => {
    const layers = [{ ...fc1, previousMask: Mask.fromFlags([2, 3], [1, 0, 0, 1, 0, 1]) }];
    expect(flags(await pruned({ layers }))).toEqual([1, 0, 0, 1, 0, 1]);
  });

  it('compares scores across layers when the share is global, leaving each its minimum', async () => {
    const layers = [fc1, fc2];
    const result = await pruned({ layers, selection: { scope: 'global', keep: 4 / 9 } });
    expect(flags(result, 'fc2/kernel')).toEqual([1, 1, 1]);
    expect(flags(result)).toEqual([0, 1, 0, 0, 0, 0]);
    const tight = await pruned({ layers, selection: { scope: 'global', keep: 2 / 9, minKept: 2 } });
    expect([tight.kept.get('fc1/kernel'), tight.kept.get('fc2/kernel')]).toEqual([2, 2]);
    const none = await pruned({ layers, selection: { scope: 'global', keep: 2 / 9, minKept: 0 } });
    expect([none.kept.get('fc1/kernel'), none.kept.get('fc2/kernel')]).toEqual([0, 2]);
  });

  it('keeps exactly the global share when no minimum is in the way', async () => {
    await fc.assert(
      fc.asyncProperty(weights, weights, share, async (a, b, keep) => {
        const layers = [a, b].map((values, i) => ({
          name: `${i}`,
          shape: [values.length],
          weights: Float32Array.from(values),
        }));
        const result = await pruned({ layers, selection: { scope: 'global', keep } });
        const kept = [...result.kept.values()].reduce((sum, count) => sum + count, 0);
        expect(kept).toBe(Math.max(2, keptCount(a.length + b.length, keep, 'all')));
      }),
    );
  });

  it('removes whole units by their mean score over the weights that are left', async () => {
    const previousMask = Mask.fromFlags([2, 3], [1, 1, 1, 0, 1, 1]);
    const result = await pruned({
      layers: [{ ...fc1, previousMask }],
      granularity: granularityByName('neuron'),
      selection: { scope: 'layer', amounts: { keep: 1 / 3 } },
    });
    // Units score 0.1, 0.5 and 0.25: unit 1 stays with both of its weights.
    expect(flags(result)).toEqual([0, 1, 0, 0, 1, 0]);
    expect(result.thresholds.get('fc1/kernel')).toBe(0.5);
  });

  it('keeps an exact pattern where the granularity has one, whatever the amount says', async () => {
    const granularity = {
      ...granularityByName('weight'),
      name: 'pairs',
      // [in, out]: two neighbours of a column
      pattern: ([, units]: readonly number[]) => ({
        setOf: Uint32Array.from({ length: 4 * units }, (_, i) => (i % units) * 2 + (i >= 2 * units ? 1 : 0)),
        keep: 1,
      }),
    };
    const layer = {
      name: 'a',
      shape: [4, 2],
      weights: Float32Array.of(1, -5, 2, 5, 0, 0, 0, 1),
      previousMask: Mask.fromFlags([4, 2], [1, 1, 1, 1, 0, 1, 0, 1]),
    };
    const selection = { scope: 'global', keep: 1 } as const;
    expect(flags(await pruned({ layers: [layer], granularity, selection }), 'a')).toEqual([
      0, 1, 1, 0, 0, 0, 0, 1,
    ]);
  });

  it('takes the options of a criterion that was bound with some, and waits for one that takes its time', async () => {
    const criterion = bindCriterion(
      definePlugin({
        name: 'mine',
        version: '1.0.0',
        host: '^1.0.0',
        criteria: {
          signed: {
            needs: ['weights'],
            options: { sign: { type: 'integer', default: 1, description: 'Which end goes.' } },
            score: async ({ weights: of, options }) => {
              await Promise.resolve();
              return of.map((w) => w * (options as { sign: number }).sign);
            },
          },
        },
      }),
      'signed',
      { sign: -1 },
    );
    expect(flags(await pruned({ criterion }))).toEqual([0, 1, 0, 1, 0, 1]);
  });

  it('hands a criterion only what it declares', async () => {
    const seen: string[][] = [];
    const spy: Criterion = {
      name: 'spy',
      version: '1',
      needs: ['weights', 'gradients'],
      defaults: {},
      score: (input) => {
        seen.push(Object.keys(input).sort());
        return input.weights;
      },
    };
    const gradients = new Float32Array(6);
    await pruned({ criterion: spy, layers: [{ ...fc1, gradients, secondMoment: gradients }] });
    expect(seen).toEqual([['gradients', 'name', 'options', 'random', 'shape', 'weights']]);
  });

  it('never empties a layer unless that is asked for', async () => {
    expect(flags(await pruned({ selection: { scope: 'layer', amounts: { keep: 0 } } }))).toEqual([
      0, 1, 0, 0, 0, 0,
    ]);
    expect(flags(await pruned({ selection: { scope: 'layer', amounts: { quality: 100 } } }))).toEqual([
      0, 1, 0, 0, 0, 0,
    ]);
    const none = await pruned({ selection: { scope: 'layer', amounts: { keep: 0 }, minKept: 0 } });
    expect(none.kept.get('fc1/kernel')).toBe(0);
  });

  const nan = { ...fc1, weights: Float32Array.of(1, 2, NaN, 0, 0, 0) };
  it.each<[string, Partial<PruneInput>, string]>([
    [
      'scores that are not finite',
      { layers: [nan] },
      'PRUNING_NOT_FINITE: criterion "magnitude" scores element 2 of "fc1/kernel" with NaN',
    ],
    [
      'gradients that are missing',
      { criterion: criterionByName('taylor') },
      'PRUNING_NEEDS: criterion "taylor" needs the gradients of "fc1/kernel"',
    ],
    [
      'weights of another size',
      { layers: [{ ...fc1, shape: [7] }] },
      'PRUNING_SIZE: "fc1/kernel" has shape [7] (7 elements), but its weights have 6',
    ],
    [
      'gradients of another size',
      { layers: [{ ...fc1, gradients: new Float32Array(5) }] },
      'its gradients have 5',
    ],
    ['a layer twice', { layers: [fc1, fc1] }, 'PRUNING_DUPLICATE_LAYER'],
    [
      'a quality with scores that are not |w|',
      { criterion: criterionByName('random'), selection: { scope: 'layer', amounts: { quality: 1 } } },
      'PRUNING_QUALITY_CRITERION',
    ],
    [
      'a negative quality',
      { selection: { scope: 'layer', amounts: { quality: -1 } } },
      'quality of "fc1/kernel" must be a number >= 0, but it is -1',
    ],
    [
      'a share above 1',
      { selection: { scope: 'global', keep: 8 } },
      'keep of all layers together must be a share from 0 to 1, but it is 8',
    ],
    [
      'a layer without an amount',
      { selection: { scope: 'layer', amounts: new Map() } },
      'PRUNING_NO_AMOUNT: nothing says how much of "fc1/kernel"',
    ],
    [
      'half a group as minimum',
      { selection: { scope: 'global', keep: 1, minKept: 0.5 } },
      'PRUNING_MIN_KEPT',
    ],
  ])('refuses %s', async (_, change, message) => {
    await expect(pruned(change)).rejects.toThrow(message);
  });
});
