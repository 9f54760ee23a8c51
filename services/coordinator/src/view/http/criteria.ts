/** What a run's criterion may be swapped to: ours, and those of plugins that its recipe names. Pure. */
import type { JsonValue } from '@espalier/base';
import { manifestOf, optionsJsonSchema, splitReference } from '@espalier/plugin-api';
import type { CriterionChoice } from '@espalier/protocol';
import { builtInPlugin } from '@espalier/pruning';
import { criterionOfRound, pluginNameOf, type ResolvedRecipe } from '@espalier/recipe';
import { defined } from '../values/run-figures';

interface Named {
  readonly name: string;
  readonly options?: { readonly [name: string]: JsonValue };
}

/** @param round the one that a swap now would be of, at the earliest */
export function criteriaFor(recipe: ResolvedRecipe, round: number): CriterionChoice[] {
  const current = criterionOfRound(recipe, round)?.name;
  const ours = manifestOf(builtInPlugin)
    .contributions.filter(({ kind }) => kind === 'criterion')
    .map(({ name, description, options = {} }) =>
      defined({
        name,
        description,
        plugin: 'built-in',
        options: optionsJsonSchema(options) as unknown as JsonValue,
        current: name === current ? true : undefined,
      }),
    );
  return [...ours, ...namedByRecipe(recipe, current)];
}

/** Their schemas are their plugins', which the coordinator does not start: a form has the options that the recipe gives. */
function namedByRecipe(recipe: ResolvedRecipe, current: string | undefined): CriterionChoice[] {
  const { prune, plugins = {} } = recipe;
  const swaps = (prune?.swaps ?? []).map(({ criterion }) => criterion);
  const all = [prune?.criterion, prune?.fallback, ...swaps].filter((one) => one !== undefined);
  const byName = new Map((all as unknown as Named[]).map((one) => [one.name, one]));
  return [...byName.values()].flatMap(({ name, options = {} }) => {
    const { plugin: key } = splitReference(name);
    if (key === undefined) return [];
    const schema = Object.fromEntries(
      Object.entries(options).map(([option, value]) => [option, { type: typeof value, default: value }]),
    );
    return [
      defined({
        name,
        plugin: pluginNameOf(key),
        version: plugins[key]?.version,
        options: { type: 'object', properties: schema, additionalProperties: true },
        current: name === current ? true : undefined,
      }),
    ];
  });
}
