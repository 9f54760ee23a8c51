import { parseRecipe, validateRecipe } from './parse-recipe';
import { networkAfterUnits, unitRoundsOf, unitsKeptOf } from './unit-rounds';

const text = (keep: string, criterion = 'taylor-unit'): string => `
version: 1
name: units
network: lenet-5
train: { epochs: 1, learningRate: { kind: constant, base: 0.001 }, augment: { shiftPx: 2, probability: 0.5 } }
prune:
  units:
    criterion: ${criterion}
    keep: ${keep}
    retrain: { epochs: 2, learningRate: { kind: constant, base: 0.001 }, augment: { probability: 0.2 } }
  keep: { global: 0.1 }
retrain: { epochs: 1, learningRate: { kind: constant, base: 0.001 } }
`;

function problemsOf(keep: string, criterion?: string): string[] {
  return validateRecipe(text(keep, criterion), { file: 'r.yaml' }).problems.map(({ message }) => message);
}

describe('rounds of units', () => {
  const { recipe } = parseRecipe(text('[{ conv*: 15, fc1: 100 }, { conv2: 8 }]'));

  it('give each layer that they speak of its units', () => {
    expect(unitRoundsOf(recipe)).toBe(2);
    expect([...unitsKeptOf(recipe, 1)]).toEqual([
      ['conv1', 15],
      ['conv2', 15],
      ['fc1', 100],
    ]);
    expect([...unitsKeptOf(recipe, 2)]).toEqual([['conv2', 8]]);
  });

  it('make the network smaller', () => {
    const units = networkAfterUnits(recipe).layers.flatMap((layer) =>
      layer.type === 'dense' ? [layer.units] : layer.type === 'conv2d' ? [layer.filters] : [],
    );
    expect(units).toEqual([15, 8, 100, 10]);
    expect(networkAfterUnits(recipe, 0)).toEqual(recipe.network);
  });

  it('train by what train says, augment key by key', () => {
    const retrain = recipe.prune?.units?.retrain;
    expect(retrain?.augment.shiftPx).toBe(2);
    expect(retrain?.augment.probability).toBe(0.2);
    expect(retrain?.learningRate).toMatchObject({ base: 0.001, span: 'run' });
  });
});

describe('a recipe with units', () => {
  it('cannot keep more units than there are by then', () => {
    expect(problemsOf('[{ conv1: 21 }]')).toEqual([
      'RECIPE_CONFLICT: r.yaml:9:12: round 1 of "prune.units" keeps 21 units of "conv1", which has 20 by then.',
    ]);
    expect(problemsOf('[{ conv1: 8 }, { conv1: 9 }]')).toEqual([
      'RECIPE_CONFLICT: r.yaml:9:26: round 2 of "prune.units" keeps 9 units of "conv1", which has 8 by then.',
    ]);
  });

  it('keeps its classes', () => {
    expect(problemsOf('[{ fc2: 5 }]')).toEqual([
      expect.stringContaining('units of "fc2" cannot be taken out: it is the output of the network'),
    ]);
  });

  it('speaks of layers that there are, each in one way', () => {
    expect(problemsOf('[{ conv3: 5 }]')).toEqual([expect.stringContaining('RECIPE_LAYER_PATTERN')]);
    expect(problemsOf('[{ conv*: 5, con*1: 5 }]')).toEqual([expect.stringContaining('both speak of layer')]);
  });

  it('knows its criterion and what that needs', () => {
    expect(problemsOf('[{ conv1: 5 }]', 'tailor-unit')).toEqual([expect.stringContaining('"taylor-unit"')]);
    expect(problemsOf('[{ conv1: 5 }]', '{ name: taylor-unit, options: { by: max } }')).toEqual([
      expect.stringContaining('RECIPE_UNKNOWN_KEY'),
    ]);
    const sgd = text('[{ conv1: 5 }]', 'fisher').replace(
      'epochs: 1,',
      'epochs: 1, optimizer: { kind: sgd },',
    );
    expect(validateRecipe(sgd).problems.map(({ message }) => message)).toEqual([
      expect.stringContaining(`scores by Adam's second moment, but train.optimizer is "sgd"`),
    ]);
  });

  it('does not score single weights by units', () => {
    const source = text('[{ conv1: 5 }]').replace(
      'keep: { global: 0.1 }',
      'keep: { global: 0.1 }\n  criterion: taylor-unit',
    );
    expect(validateRecipe(source).problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('scores whole units, but prune.granularity is "weight"'),
    ]);
  });
});
