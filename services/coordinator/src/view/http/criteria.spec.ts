import type { ResolvedRecipe } from '@espalier/recipe';
import { criteriaFor } from './criteria';

const recipe = (prune: unknown, plugins?: unknown): ResolvedRecipe =>
  ({ prune, plugins }) as unknown as ResolvedRecipe;

describe('criteria that a run may be swapped to', () => {
  it('are ours, with schemas of their options, and say which is used now', () => {
    const choices = criteriaFor(recipe({ criterion: { name: 'magnitude', options: {} } }), 1);
    expect(choices.find(({ current }) => current)?.name).toBe('magnitude');
    expect(choices.find(({ name }) => name === 'magnitude-normalised')).toMatchObject({
      plugin: 'built-in',
      options: { type: 'object', properties: { by: { enum: ['std', 'mean'], default: 'std' } } },
    });
  });

  it('are those of plugins that the recipe names, with the options that it gives', () => {
    const choices = criteriaFor(
      recipe(
        {
          criterion: { name: 'magnitude', options: {} },
          swaps: [{ round: 3, criterion: { name: '@mine/p/lamp', options: { power: 2 } } }],
        },
        { '@mine/p': { from: './p', version: '1.2.0' } },
      ),
      3,
    );
    expect(choices.at(-1)).toEqual({
      name: '@mine/p/lamp',
      plugin: '@mine/p',
      version: '1.2.0',
      options: {
        type: 'object',
        properties: { power: { type: 'number', default: 2 } },
        additionalProperties: true,
      },
      current: true,
    });
  });
});
