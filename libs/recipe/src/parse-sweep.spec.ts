import { parseSweep, type Sweep } from './parse-sweep';

const RECIPES: Readonly<Record<string, string>> = {
  'base.yaml': `
version: 1
name: base
network: lenet-300-100
train: { epochs: 2, learningRate: { kind: constant, base: 1e-3 } }
prune: { keep: { global: 0.1 } }
share: { levels: 16 }
`,
  'conv.yaml':
    '{ version: 1, name: conv, network: lenet-5, train: { epochs: 1, learningRate: { kind: constant, base: 1e-3 } } }',
};

function sweep(points: string, head = 'version: 1\nname: test'): Sweep {
  const text = `${head}\nnetworks:\n  - title: LeNet\n    recipe: base.yaml\n    points:\n${points}`;
  return parseSweep(text, {
    file: 'sweep.yaml',
    readRecipe: (file) => {
      if (!(file in RECIPES)) throw new Error('no such file');
      return RECIPES[file];
    },
  });
}

describe('parseSweep', () => {
  it('gives each point its recipe with its changes', () => {
    const { seeds, networks } = sweep(
      '      - { name: as-it-is }\n      - { name: small, set: { prune.keep.global: 1.0e-2, share.levels: { fc1: 12 } } }',
    );
    const [{ title, network, points }] = networks;
    expect([seeds, title, network]).toEqual([[1], 'LeNet', 'lenet-300-100']);
    expect(points.map(({ recipe }) => recipe.prune?.keep)).toEqual([{ global: 0.1 }, { global: 0.01 }]);
    expect(points[1].recipe.share?.levels).toEqual({ fc1: 12 });
    expect(points[1].sets).toEqual(['prune.keep.global=0.01', 'share.levels={"fc1":12}']);
  });

  it.each([
    [
      'a key that no recipe has',
      '- { name: a, set: { prune.kep: 1 } }',
      /:7:9: point "a": .*--set prune.kep=1.*did you mean "keep"/,
    ],
    [
      'a value out of range',
      '- { name: a, set: { share.levels: 0 } }',
      /point "a": .*--set share.levels=0: .*should be/,
    ],
    ['a name twice', '- { name: a }\n      - { name: a }', /:8:9: point "a": the name is taken/],
    [
      'a recipe that is not there',
      '- { name: a, recipe: b.yaml }',
      /point "a": b.yaml cannot be read: no such file/,
    ],
    [
      'a point about another network',
      '- { name: a }\n      - { name: b, recipe: conv.yaml }',
      /point "b": its network is "lenet-5"/,
    ],
    [
      'a key that no point has',
      '- { nam: a }',
      /:7:11: "networks.0.points.0" has no key "nam"; did you mean "name"/,
    ],
  ])('refuses %s, with its place', (_, points, message) => {
    expect(() => sweep(`      ${points}`)).toThrow(message);
  });

  it('refuses a sweep without points, of another version, or that is no YAML', () => {
    expect(() => sweep('      []')).toThrow(/points" should be at least 1 long/);
    expect(() => sweep('      - { name: a }', 'version: 1.5\nname: x')).toThrow(
      /:1:10: the recipe has version 1.5/,
    );
    expect(() => sweep('      - { name: a', 'version: 1\nname: x')).toThrow(/not a YAML document/);
  });
});
