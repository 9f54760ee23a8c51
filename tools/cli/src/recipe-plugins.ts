/** The plugins that a recipe names, looked at: what they contribute, and their digests. */
import type { Logger } from '@espalier/base';
import { openPluginHost, type PluginHost } from '@espalier/plugin-host';
import {
  findReference,
  pluginNameOf,
  progressAfter,
  roundsOf,
  type PluginFacts,
  type PluginsFacts,
  type Recipe,
} from '@espalier/recipe';
import { isAbsolute, resolve } from 'node:path';
import { splitReference } from '@espalier/plugin-api';
import { pluginFolder } from './plugin-places';

export interface RecipePlugins {
  readonly facts: PluginsFacts;
  /** What a plugin's schedule says after each round. */
  readonly completions?: readonly number[];
}

/**
 * Starts each plugin once, to ask it what it is. Who names a plugin in a recipe of his own allows it thereby.
 * @throws PLUGIN_*
 */
export async function lookAtPlugins(
  recipe: Pick<Recipe, 'plugins'>,
  folder: string,
  logger?: Logger,
): Promise<PluginsFacts> {
  const { plugins = {} } = recipe;
  if (Object.keys(plugins).length === 0) return {};
  await using host = await openPluginHost({ allow: Object.keys(plugins).map(pluginNameOf), logger });
  const looked: [string, PluginFacts][] = [];
  for (const [key, { from, version, digest }] of Object.entries(plugins)) {
    const { ref, manifest } = await host.describe({
      from: await pluginFolder(key, from, folder),
      expect: { name: pluginNameOf(key), ...(version && { version }), ...(digest && { digest }) },
    });
    looked.push([key, { manifest, digest: ref.digest }]);
  }
  return Object.fromEntries(looked);
}

/** Undefined for a schedule of ours. */
export async function completionsOf(
  recipe: Recipe,
  facts: PluginsFacts,
  folder: string,
): Promise<readonly number[] | undefined> {
  const { plugins = {}, prune } = recipe;
  if (!prune) return undefined;
  const { kind, options = {} } = prune.schedule;
  const found = findReference('schedule', kind, { declared: Object.keys(plugins), facts });
  if (typeof found !== 'object' || !('full' in found) || found.plugin === undefined) return undefined;
  const key = found.plugin;
  await using host: PluginHost = await openPluginHost({ allow: [pluginNameOf(key)] });
  const plugin = await host.load({ from: await pluginFolder(key, plugins[key].from, folder) });
  const progresses = Array.from({ length: roundsOf(recipe) }, (_, i) => progressAfter(recipe, i + 1));
  const schedule = plugin.schedule(splitReference(found.full).name, options as Record<string, unknown>);
  return Promise.all(progresses.map(async (progress) => await schedule.completion(progress)));
}

/** The folder that somebody named on the command line. */
export function namedFolder(from: string): string {
  return from.startsWith('.') || isAbsolute(from) ? resolve(from) : from;
}
