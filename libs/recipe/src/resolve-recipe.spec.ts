import { parseRecipe } from './parse-recipe';
import { isResolved, resolveRecipe, writeResolved, type ResolveInputs } from './resolve-recipe';

const inputs: ResolveInputs = {
  data: { digest: '1'.repeat(64), shape: [28, 28, 1], classes: 10 },
  fingerprint: 'native 4.22.0/2.18.0 threads=2 avx2',
  threads: 2,
  version: '0.1.0',
};
const text = `version: 1
name: small
network: lenet-5
train: { epochs: 2, learningRate: { kind: step, base: 1e-3, everyEpochs: 1 } }
prune: { quality: { conv2d: [0.5, 0.7], fc1: 1 }, schedule: { rounds: 2, kind: linear }, criterion: magnitude }
retrain: { epochs: { perRound: 1, last: 4 }, learningRate: { kind: cosine, base: 0.001, span: round }, distill: {} }
share: { levels: { dense: 7 }, init: density, retrain: { epochs: 1, learningRate: { kind: constant, base: 1.0e-4 } } }
budget: { maxErrorIncrease: 0.002 }
`;
const { recipe } = parseRecipe(text);
const factsOf = (digit: string) => ({
  mine: {
    manifest: { name: 'mine', version: '1.0.0', host: '^1.0.0', contributions: [] },
    digest: digit.repeat(64),
  },
});

describe('resolveRecipe', () => {
  it('fills in what only the outside knows', () => {
    const resolved = resolveRecipe(recipe, inputs);
    expect(resolved.engine.threads).toBe(2);
    expect(resolved.resolved).toEqual({
      createdBy: '0.1.0',
      data: inputs.data.digest,
      fingerprint: inputs.fingerprint,
      plugins: {},
    });
    expect(isResolved(resolved)).toBe(true);
    expect(isResolved(recipe)).toBe(false);
  });

  it('keeps the threads that the recipe asks for', () => {
    expect(resolveRecipe({ ...recipe, engine: { threads: 1 } }, inputs).engine.threads).toBe(1);
  });

  it('makes paths absolute, from the folder of the recipe', () => {
    const withFiles = parseRecipe(`version: 1
name: own
network: { input: [4], layers: [{ type: dense, units: 3 }] }
init: { from: w.safetensors }
data: { format: idx, train: { images: a, labels: /b }, test: { images: c, labels: d } }
`).recipe;
    const data = { digest: '1'.repeat(64), shape: [2, 2, 1], classes: 3 };
    const resolved = resolveRecipe(withFiles, { ...inputs, data, folder: '/recipes' });
    expect(resolved.init?.from).toBe('/recipes/w.safetensors');
    expect(resolved.data).toMatchObject({ train: { images: '/recipes/a', labels: '/b' } });
  });

  it('refuses data that the network cannot take', () => {
    const data = { ...inputs.data, shape: [32, 32, 3] };
    expect(() => resolveRecipe(recipe, { ...inputs, data })).toThrow('RECIPE_CONFLICT');
  });

  it('refuses other data or plugins than it was resolved with, and records another engine', () => {
    const resolved = resolveRecipe(recipe, { ...inputs, plugins: factsOf('a') });
    const again = { ...inputs, plugins: factsOf('a') };
    expect(resolveRecipe(resolved, again)).toEqual(resolved);
    expect(resolveRecipe(resolved, { ...again, fingerprint: 'wasm' }).resolved.fingerprint).toBe('wasm');
    expect(() => resolveRecipe(resolved, inputs)).toThrow(
      'RECIPE_INPUT_CHANGED: the recipe was resolved with plugin "mine"',
    );
    const data = { ...inputs.data, digest: '2'.repeat(64) };
    expect(() => resolveRecipe(resolved, { ...again, data })).toThrow(
      'RECIPE_INPUT_CHANGED: the recipe was resolved with the data set',
    );
  });
});

describe('writeResolved', () => {
  it('gives YAML that parses back to the same value', () => {
    const resolved = resolveRecipe(recipe, inputs);
    expect(parseRecipe(writeResolved(resolved)).recipe).toEqual(resolved);
  });

  it('keeps rounds of units as they are', () => {
    const units = `units: { keep: [{ conv1: 9 }], retrain: { epochs: 1, learningRate: { kind: constant, base: 0.1 } } }`;
    const withUnits = text
      .replace('prune: { ', `prune: { ${units}, `)
      .replace('train: { ', 'train: { augment: { shiftPx: 2, elastic: { px: 1 } }, ');
    const resolved = resolveRecipe(parseRecipe(withUnits).recipe, inputs);
    expect(resolved.prune?.units?.retrain.augment).toMatchObject({ shiftPx: 2, elastic: { px: 1 } });
    expect(parseRecipe(writeResolved(resolved)).recipe).toEqual(resolved);
  });

  it('has the words of its caller above it, as a comment', () => {
    const resolved = resolveRecipe(recipe, inputs);
    const text = writeResolved(resolved, 'Does not replay:\n  retrain: 1');
    expect(text).toMatch(/^# Does not replay:\n# {3}retrain: 1\nversion: 1\n/);
    expect(parseRecipe(text).recipe).toEqual(resolved);
  });

  it('keeps digests texts, even those that look like numbers', () => {
    const digest = `12e45${'0'.repeat(59)}`;
    const resolved = resolveRecipe(recipe, { ...inputs, data: { ...inputs.data, digest } });
    expect(parseRecipe(writeResolved(resolved)).recipe.resolved?.data).toBe(digest);
  });
});
