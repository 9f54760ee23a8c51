import type { PluginManifest } from '@espalier/plugin-api';
import { parseRecipe, validateRecipe } from './parse-recipe';
import { needsOfReference, pinnedReference, type PluginsFacts } from './plugin-references';
import { resolveRecipe, type ResolveInputs } from './resolve-recipe';

const manifest = (name: string): PluginManifest => ({
  name,
  version: '1.2.0',
  host: '^1.0.0',
  contributions: [
    {
      kind: 'criterion',
      name: 'best',
      needs: ['weights', 'gradients'],
      options: { power: { type: 'number', default: 2, minimum: 0, description: 'The exponent.' } },
    },
    { kind: 'granularity', name: 'nm', pattern: true },
    { kind: 'schedule', name: 'slow' },
  ],
});
const facts: PluginsFacts = {
  mine: { manifest: manifest('mine'), digest: 'a'.repeat(64) },
  '@their/own': { manifest: manifest('@their/own'), digest: 'b'.repeat(64) },
};
const text = (
  prune: string,
  plugins = "{ mine: { from: ./mine }, '@their/own': { from: npm } }",
) => `version: 1
name: with-plugins
network: lenet-300-100
plugins: ${plugins}
train: { epochs: 1, learningRate: { kind: constant, base: 0.001 } }
retrain: { epochs: 1, learningRate: { kind: constant, base: 0.001 } }
prune: { ${prune} }
`;
const keep = 'keep: { global: 0.1 }';
const problemsOf = (prune: string, given: PluginsFacts | undefined = facts, plugins?: string): string =>
  validateRecipe(text(prune, plugins), { file: 'r.yaml', plugins: given })
    .problems.map(({ message }) => message)
    .join('\n');
const inputs: ResolveInputs = {
  data: { digest: '1'.repeat(64), shape: [28, 28, 1], classes: 10 },
  fingerprint: 'test',
  threads: 2,
  version: '0.1.0',
  folder: '/recipes',
};

describe('references to plugins', () => {
  it('are taken as they are while nothing is known of the plugins', () => {
    expect(problemsOf(`${keep}, criterion: mine/best`, undefined)).toBe('');
    expect(validateRecipe(text(`${keep}, criterion: best`)).problems).toEqual([]);
  });

  it('must name a plugin of the recipe, and something that it contributes', () => {
    expect(problemsOf(`${keep}, criterion: mind/best`)).toContain(
      'r.yaml:7:44: "prune.criterion" is "mind/best", but there is no such plugin in "plugins"',
    );
    expect(problemsOf(`${keep}, criterion: mine/bets`)).toContain('did you mean "mine/best"?');
    expect(problemsOf(`${keep}, granularity: mine/best`)).toContain('there is no such granularity');
  });

  it('may be bare where only one has it', () => {
    const one = '{ mine: { from: ./mine } }';
    expect(problemsOf(`${keep}, criterion: best`, facts, one)).toBe('');
    expect(problemsOf(`${keep}, criterion: best`)).toContain(
      '"best" is contributed by several plugins: write mine/best or @their/own/best',
    );
  });

  it('take the options that the plugin describes', () => {
    const of = (options: string) =>
      problemsOf(`${keep}, criterion: { name: mine/best, options: ${options} }`);
    expect(of('{ power: 3 }')).toBe('');
    expect(of('{ power: -1 }')).toContain('"prune.criterion.options.power" should be a number, at least 0');
    expect(of('{ pover: 1 }')).toContain('has no key "pover"; did you mean "power"?');
  });

  it('let a pattern stand for how much', () => {
    expect(problemsOf('granularity: mine/nm')).toBe('');
    expect(problemsOf('criterion: mine/best')).toContain('does not say how much');
  });

  it('refuses a plugin that is not what the recipe says', () => {
    const of = (plugins: string) => problemsOf(keep, facts, plugins);
    expect(of('{ mine: { from: ./mine, version: 2.0.0 } }')).toContain(
      'the plugin "mine" has version 1.2.0, but the recipe wants 2.0.0',
    );
    expect(of(`{ mine: { from: ./mine, digest: ${'c'.repeat(64)} } }`)).toContain('have changed');
  });
});

describe('a resolved recipe', () => {
  const prune = `${keep}, criterion: mine/best, granularity: { name: '@their/own/nm' }, schedule: { kind: slow, rounds: 2 }`;
  const slow = `{ mine: { from: ./mine }, '@their/own': { from: npm } }`;
  const own = {
    ...facts,
    '@their/own': {
      ...facts['@their/own'],
      manifest: { ...manifest('@their/own'), contributions: manifest('x').contributions.slice(0, 2) },
    },
  };
  const { recipe } = parseRecipe(text(prune, slow), { plugins: own });
  const resolved = resolveRecipe(recipe, { ...inputs, plugins: own, completions: [0.25, 1] });

  it('spells references in full and pins every plugin, with what its criteria may be given', () => {
    const criteria = { best: { options: manifest('mine').contributions[0].options } };
    expect(resolved.prune?.schedule).toEqual({ kind: 'mine/slow', rounds: 2, completions: [0.25, 1] });
    expect(resolved.plugins).toEqual({
      mine: {
        from: '/recipes/mine',
        version: '1.2.0',
        digest: 'a'.repeat(64),
        needs: { best: ['weights', 'gradients'] },
        criteria,
      },
      '@their/own': {
        from: 'npm',
        version: '1.2.0',
        digest: 'b'.repeat(64),
        needs: { best: ['weights', 'gradients'] },
        criteria,
      },
    });
    expect(resolved.resolved.plugins).toEqual({ mine: 'a'.repeat(64), '@their/own': 'b'.repeat(64) });
    expect(parseRecipe(JSON.stringify(resolved), { plugins: own }).recipe).toEqual(resolved);
  });

  it('tells a stage which plugin is meant, to the byte', () => {
    const pin = { name: 'mine', version: '1.2.0', digest: 'a'.repeat(64) };
    const reference = { name: 'mine/best', options: { power: 3 } };
    expect(pinnedReference(resolved, reference)).toEqual({
      name: 'best',
      options: { power: 3 },
      plugin: pin,
    });
    expect(pinnedReference(resolved, { name: 'taylor', options: {} })).toEqual({
      name: 'taylor',
      options: {},
    });
    expect(needsOfReference(resolved, 'mine/best')).toEqual(['weights', 'gradients']);
    expect(needsOfReference(resolved, 'fisher')).toEqual(['weights', 'secondMoment']);
  });
});
