/** What a run's criterion may be swapped to: ours, and those of the plugins that its recipe pins. Pure. */
import type { JsonValue } from '@espalier/base';
import { manifestOf, optionsJsonSchema, splitReference, type OptionsSchema } from '@espalier/plugin-api';
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
  const now = criterionOfRound(recipe, round) as Named | undefined;
  const choices = [...ours(), ...ofPins(recipe)];
  const known = new Set(choices.map(({ name }) => name));
  const all = [...choices, ...namedByRecipe(recipe).filter(({ name }) => !known.has(name))];
  return all.map((choice) =>
    choice.name === now?.name ? { ...choice, current: true, given: now.options ?? {} } : choice,
  );
}

function ours(): CriterionChoice[] {
  return manifestOf(builtInPlugin)
    .contributions.filter(({ kind }) => kind === 'criterion')
    .map(({ name, description, options }) =>
      defined({ name, description, plugin: 'built-in', options: schemaOf(options) }),
    );
}

/** A pin says what its plugin's criteria may be given, since the coordinator starts no plugin. */
function ofPins({ plugins = {} }: ResolvedRecipe): CriterionChoice[] {
  return Object.entries(plugins).flatMap(([key, { version, criteria = {} }]) =>
    Object.entries(criteria).map(([name, { description, options }]) =>
      defined({
        name: `${key}/${name}`,
        description,
        plugin: pluginNameOf(key),
        version,
        options: schemaOf(options as unknown as OptionsSchema),
      }),
    ),
  );
}

/** Of a recipe that was resolved before pins said that: a form has the options that the recipe gives. */
function namedByRecipe({ prune, plugins = {} }: ResolvedRecipe): CriterionChoice[] {
  const swaps = (prune?.swaps ?? []).map(({ criterion }) => criterion);
  const all = [prune?.criterion, prune?.fallback, ...swaps].filter((one) => one !== undefined);
  const byName = new Map((all as unknown as Named[]).map((one) => [one.name, one]));
  return [...byName.values()].flatMap(({ name, options = {} }) => {
    const { plugin: key } = splitReference(name);
    if (key === undefined) return [];
    const properties = Object.fromEntries(
      Object.entries(options).map(([option, value]) => [option, { type: typeof value, default: value }]),
    );
    return [
      defined({
        name,
        plugin: pluginNameOf(key),
        version: plugins[key]?.version,
        options: { type: 'object', properties, additionalProperties: true },
      }),
    ];
  });
}

function schemaOf(options: OptionsSchema = {}): JsonValue {
  return optionsJsonSchema(options) as unknown as JsonValue;
}
