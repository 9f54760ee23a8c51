/** A resolved recipe: all that a run depends on, in one document that replays it. */
import { isAbsolute, resolve } from 'node:path';
import type { ContributionKind } from '@espalier/plugin-api';
import type { Digest } from '@espalier/tensor';
import { stringify } from 'yaml';
import { dataProblem, type DataShape } from './check-recipe';
import { recipeError } from './errors';
import { findReference, type PluginFacts, type PluginsFacts } from './plugin-references';
import type { PluginEntry, Reference } from './plugins-schema';
import type { DataSection, Recipe, ResolvedRecipe } from './recipe-schema';

export interface ResolveInputs {
  /** The digest of the data set's manifest, and what a network must fit. */
  readonly data: DataShape & { readonly digest: Digest };
  /** The engine that the same bits are promised for. */
  readonly fingerprint: string;
  /** Used where the recipe does not say. */
  readonly threads: number;
  /** The version of this program. */
  readonly version: string;
  /** Each plugin that the recipe names, by its key there. */
  readonly plugins?: PluginsFacts;
  /** What a plugin's schedule says after each round. */
  readonly completions?: readonly number[];
  /** The digest of the file that `init.from` names. */
  readonly init?: Digest;
  /** The folder that paths in the recipe count from; they are left as they are without it. */
  readonly folder?: string;
}

/**
 * Fills in what only the outside knows. A recipe that was resolved before is checked against what it was resolved
 * with; another fingerprint is allowed and recorded (the bits are then not promised to be the same).
 * @throws RECIPE_CONFLICT when the network cannot take the data, RECIPE_INPUT_CHANGED
 */
export function resolveRecipe(recipe: Recipe, inputs: ResolveInputs): ResolvedRecipe {
  const problem = dataProblem(recipe.network, inputs.data);
  if (problem) throw recipeError('RECIPE_CONFLICT', { at: recipe.name, problem });
  const facts = inputs.plugins ?? {};
  const plugins = Object.fromEntries(Object.entries(facts).map(([key, { digest }]) => [key, digest]));
  const before = recipe.resolved;
  if (before) {
    requireSame('the data set', before.data, inputs.data.digest);
    requireSame('the weights of init', before.init, inputs.init);
    for (const name of new Set([...Object.keys(before.plugins), ...Object.keys(plugins)])) {
      requireSame(`plugin "${name}"`, before.plugins[name], plugins[name]);
    }
  }
  return {
    ...withFullReferences(recipe, facts, inputs.completions),
    ...(recipe.plugins && { plugins: pinned(recipe.plugins, facts, inputs.folder) }),
    ...(recipe.init && { init: { ...recipe.init, from: absolute(recipe.init.from, inputs.folder) } }),
    data: absoluteData(recipe.data, inputs.folder),
    engine: { threads: recipe.engine.threads ?? inputs.threads },
    resolved: {
      createdBy: inputs.version,
      data: inputs.data.digest,
      fingerprint: inputs.fingerprint,
      plugins,
      ...(inputs.init !== undefined && { init: inputs.init }),
    },
  };
}

/** The recipe's references spelled in full, and what a plugin's schedule says. */
function withFullReferences(
  recipe: Recipe,
  facts: PluginsFacts,
  completions: readonly number[] | undefined,
): Recipe {
  const { prune, plugins, share, encode, observers } = recipe;
  if (!plugins) return recipe;
  const declared = Object.keys(plugins);
  const full = (kind: ContributionKind, name: string): string => {
    const found = findReference(kind, name, { declared, facts });
    return typeof found === 'object' && 'full' in found ? found.full : name;
  };
  const criterion = <T extends Reference>(reference: T): T => ({
    ...reference,
    name: full('criterion', reference.name),
  });
  const named = (kind: ContributionKind, reference: Reference): Reference => ({
    ...reference,
    name: full(kind, reference.name),
  });
  const quantizer = share?.quantizer;
  const { codec } = encode;
  const whole = {
    ...recipe,
    ...(share && quantizer && { share: { ...share, quantizer: named('quantizer', quantizer) } }),
    ...(codec && { encode: { ...encode, codec: named('codec', codec) } }),
    ...(observers && { observers: observers.map((observer) => named('observer', observer)) }),
  };
  if (!prune) return whole;
  const { granularity, schedule, fallback, swaps, regrowth, units } = prune;
  return {
    ...whole,
    prune: {
      ...prune,
      criterion: criterion(prune.criterion),
      ...(units && { units: { ...units, criterion: criterion(units.criterion) } }),
      ...(fallback && { fallback: criterion(fallback) }),
      ...(swaps && { swaps: swaps.map((swap) => ({ ...swap, criterion: criterion(swap.criterion) })) }),
      granularity:
        typeof granularity === 'string'
          ? full('granularity', granularity)
          : { ...granularity, name: full('granularity', granularity.name) },
      ...(regrowth && { regrowth: { ...regrowth, name: full('regrowth', regrowth.name) } }),
      schedule: {
        ...schedule,
        kind: full('schedule', schedule.kind),
        ...(completions && { completions: [...completions] }),
      },
    },
  };
}

/** The plugins of a recipe as a resolved one has them. */
export function pinned(
  plugins: Readonly<Record<string, PluginEntry>>,
  facts: PluginsFacts,
  folder: string | undefined,
): Record<string, PluginEntry> {
  const entries = Object.entries(plugins).map(([key, entry]): [string, PluginEntry] => {
    const from = entry.from.startsWith('.') ? absolute(entry.from, folder) : entry.from;
    return [key, facts[key] ? pluginEntry(from, facts[key]) : { ...entry, from }];
  });
  return Object.fromEntries(entries);
}

/** A plugin as a resolved recipe pins it. */
export function pluginEntry(from: string, { manifest, digest }: PluginFacts): PluginEntry {
  const needs = manifest.contributions.flatMap(({ name, needs: of }) => (of ? [[name, [...of]]] : []));
  const criteria = manifest.contributions.flatMap(({ kind, name, description, options = {} }) =>
    kind === 'criterion' ? [[name, { ...(description && { description }), options }]] : [],
  );
  return {
    from,
    version: manifest.version,
    digest,
    ...(needs.length > 0 && { needs: Object.fromEntries(needs) as Record<string, string[]> }),
    ...(criteria.length > 0 && { criteria: Object.fromEntries(criteria) as PluginEntry['criteria'] }),
  };
}

/** Is the recipe resolved already, so that it can be run as it stands? */
export function isResolved(recipe: Recipe): recipe is ResolvedRecipe {
  return recipe.resolved !== undefined && recipe.engine.threads !== undefined;
}

const REPLAYS = 'Every default, seed and digest of one run: run it again and the same artifact comes out.';

/** YAML that parses to the same value. `head` stands above it as a comment: by default, that it replays the run. */
export function writeResolved(recipe: ResolvedRecipe, head = REPLAYS): string {
  return head.replace(/^/gm, '# ') + '\n' + stringify(recipe, { lineWidth: 0, aliasDuplicateObjects: false });
}

function requireSame(what: string, expected: string | undefined, actual: string | undefined): void {
  if (expected === actual) return;
  throw recipeError('RECIPE_INPUT_CHANGED', { what, expected: expected ?? 'none', actual: actual ?? 'none' });
}

function absoluteData(data: DataSection, folder: string | undefined): DataSection {
  if (data.format === 'mnist') return data;
  const files = ({ images, labels }: { images: string; labels: string }) => ({
    images: absolute(images, folder),
    labels: absolute(labels, folder),
  });
  return { ...data, train: files(data.train), test: files(data.test) };
}

function absolute(path: string, folder: string | undefined): string {
  return folder === undefined || isAbsolute(path) ? path : resolve(folder, path);
}
