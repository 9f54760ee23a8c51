/** Does every reference of a recipe name something that there is, with options that it takes? */
import { suggestion, type EspalierError } from '@espalier/base';
import type { ContributionKind } from '@espalier/plugin-api';
import { unfitOptions } from './check-options';
import { recipeError } from './errors';
import { asReference, findReference, pluginNameOf, type PluginsFacts } from './plugin-references';
import type { Reference } from './plugins-schema';
import type { Recipe } from './recipe-schema';
import type { Path, RecipeSource } from './recipe-source';
import { pathText } from './schema-problems';

export interface RecipeReference {
  readonly kind: ContributionKind;
  readonly path: Path;
  readonly reference: Reference;
  /** Where its options stand, when that is not under `options` beside its name. */
  readonly optionsPath?: Path;
}

/** Every reference of the recipe, with where it stands. */
export function referencesOf({
  prune,
  share,
  encode,
  observers = [],
}: Pick<Recipe, 'prune' | 'share' | 'encode' | 'observers'>): RecipeReference[] {
  const quantizer = share?.quantizer;
  const { codec } = encode;
  return [
    ...referencesOfPrune({ prune }),
    ...(quantizer
      ? [{ kind: 'quantizer' as const, path: ['share', 'quantizer'], reference: quantizer }]
      : []),
    ...(codec ? [{ kind: 'codec' as const, path: ['encode', 'codec'], reference: codec }] : []),
    ...observers.map((reference, i) => ({ kind: 'observer' as const, path: ['observers', i], reference })),
  ];
}

function referencesOfPrune({ prune }: Pick<Recipe, 'prune'>): RecipeReference[] {
  if (!prune) return [];
  const { criterion, granularity, schedule, units, fallback, swaps = [], regrowth } = prune;
  const of = (kind: ContributionKind, path: Path, reference: Reference): RecipeReference => ({
    kind,
    path: ['prune', ...path],
    reference,
  });
  return [
    of('criterion', ['criterion'], criterion),
    ...(units ? [of('criterion', ['units', 'criterion'], units.criterion)] : []),
    ...(fallback ? [of('criterion', ['fallback'], fallback)] : []),
    ...swaps.map((swap, i) => of('criterion', ['swaps', i, 'criterion'], swap.criterion)),
    of('granularity', ['granularity'], asReference(granularity)),
    {
      ...of('schedule', ['schedule', 'kind'], { name: schedule.kind, options: schedule.options ?? {} }),
      optionsPath: ['prune', 'schedule', 'options'],
    },
    ...(regrowth ? [of('regrowth', ['regrowth'], regrowth)] : []),
  ];
}

export interface ReferenceCheck {
  readonly source: RecipeSource;
  readonly facts?: PluginsFacts;
  /** Names that are taken on trust, by kind. */
  readonly trusted?: Readonly<Partial<Record<ContributionKind, readonly string[]>>>;
}

export function checkReferences(recipe: Recipe, check: ReferenceCheck): EspalierError[] {
  const { source, facts, trusted = {} } = check;
  const declared = Object.keys(recipe.plugins ?? {});
  return [
    ...wrongPlugins(recipe, check),
    ...referencesOf(recipe).flatMap(({ kind, path, reference, optionsPath }) => {
      const { name, options } = reference;
      if (trusted[kind]?.includes(name)) return [];
      const found = findReference(kind, name, { declared, facts });
      if (found === 'pending') return [];
      const place = source.place(path);
      if ('several' in found) {
        const problem = `"${name}" is contributed by several plugins: write ${found.several.join(' or ')}`;
        return [recipeError('RECIPE_CONFLICT', { ...place, problem })];
      }
      if ('known' in found) {
        const what = found.among === 'plugin' ? 'plugin in "plugins"' : kind;
        const near = suggestion(name, [...found.known, ...(trusted[kind] ?? [])]);
        const details = { path: pathText(path), what, name, suggestion: near };
        return [recipeError('RECIPE_UNKNOWN_NAME', { ...place, ...details })];
      }
      const schema = found.contribution.options ?? {};
      const at = optionsPath ?? [...path, 'options'];
      return unfitOptions(schema, options, { of: `${kind} "${name}"`, path: at, source });
    }),
  ];
}

/** Plugins that are not what the recipe says of them. */
function wrongPlugins({ plugins = {} }: Recipe, { source, facts }: ReferenceCheck): EspalierError[] {
  if (!facts) return [];
  return Object.entries(plugins).flatMap(([key, { version, digest }]) => {
    const place = source.place(['plugins', key], true);
    const conflict = (problem: string): EspalierError[] => [
      recipeError('RECIPE_CONFLICT', { ...place, problem }),
    ];
    if (!Object.hasOwn(facts, key)) return [];
    const { manifest, digest: actual } = facts[key];
    if (manifest.name !== pluginNameOf(key)) {
      return conflict(`"${key}" in "plugins" is the plugin "${manifest.name}": write it under that name`);
    }
    if (version !== undefined && manifest.version !== version) {
      return conflict(`the plugin "${key}" has version ${manifest.version}, but the recipe wants ${version}`);
    }
    if (digest !== undefined && digest !== actual) {
      return conflict(
        `the files of the plugin "${key}" have changed: their digest is ${actual}, not ${digest}`,
      );
    }
    return [];
  });
}
