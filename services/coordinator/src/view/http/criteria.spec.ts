import type { ResolvedRecipe } from '@espalier/recipe';
import { criteriaFor } from './criteria';

const recipe = (prune: unknown, plugins?: unknown): ResolvedRecipe =>
  ({ prune, plugins }) as unknown as ResolvedRecipe;
const magnitude = { criterion: { name: 'magnitude', options: {} } };
const swappedTo = (name: string, options: unknown) => ({
  ...magnitude,
  swaps: [{ round: 3, criterion: { name, options } }],
});

describe('criteria that a run may be swapped to', () => {
  it('are ours, with schemas of their options, and say which is used now', () => {
    const choices = criteriaFor(recipe(magnitude), 1);
    expect(choices.find(({ current }) => current)?.name).toBe('magnitude');
    expect(choices.find(({ name }) => name === 'magnitude-normalised')).toMatchObject({
      plugin: 'built-in',
      options: { type: 'object', properties: { by: { enum: ['std', 'mean'], default: 'std' } } },
    });
  });

  it('say what the one that is used now was given', () => {
    const prune = swappedTo('magnitude-normalised', { by: 'mean' });
    const given = (round: number) =>
      criteriaFor(recipe(prune), round).flatMap((each) => (each.current ? [[each.name, each.given]] : []));
    expect(given(2)).toEqual([['magnitude', {}]]);
    expect(given(3)).toEqual([['magnitude-normalised', { by: 'mean' }]]);
  });

  it('are all of the plugins that the recipe pins, each with the schema of its options', () => {
    const power = { type: 'number', default: 2, minimum: 1, description: 'The exponent.' };
    const criteria = { lamp: { description: 'By layers.', options: { power } }, plain: { options: {} } };
    const plugins = { '@mine/p@0123456789ab': { from: './p', version: '1.2.0', criteria } };
    expect(criteriaFor(recipe(magnitude, plugins), 1).slice(-2)).toEqual([
      {
        name: '@mine/p@0123456789ab/lamp',
        description: 'By layers.',
        plugin: '@mine/p',
        version: '1.2.0',
        options: { type: 'object', properties: { power }, additionalProperties: false },
      },
      {
        name: '@mine/p@0123456789ab/plain',
        plugin: '@mine/p',
        version: '1.2.0',
        options: { type: 'object', properties: {}, additionalProperties: false },
      },
    ]);
  });

  it('are those that the recipe names, with the options that it gives, where its pins do not say', () => {
    const plugins = { '@mine/p': { from: './p', version: '1.2.0' } };
    const choices = criteriaFor(recipe(swappedTo('@mine/p/lamp', { power: 3 }), plugins), 3);
    expect(choices.at(-1)).toEqual({
      name: '@mine/p/lamp',
      plugin: '@mine/p',
      version: '1.2.0',
      options: {
        type: 'object',
        properties: { power: { type: 'number', default: 3 } },
        additionalProperties: true,
      },
      current: true,
      given: { power: 3 },
    });
  });
});
