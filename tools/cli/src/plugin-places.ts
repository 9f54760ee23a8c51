/**
 * The plugins that the services of a runs folder may start: those of the recipe that they were started for, and those that a person
 * named for a swap since. A file beside the stores, so that nobody who can merely talk to the hub adds to it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { findPlugin, type PluginPlace } from '@espalier/plugin-host';
import { pluginNameOf, type Recipe, type ResolvedRecipe } from '@espalier/recipe';
import { ROOT } from './installation';
import type { RunsFolder } from './runs-folder';

const FILE = 'plugins.json';

export function placesFile(folder: RunsFolder): string {
  return join(folder.store(''), FILE);
}

/** The list as it is for a recipe, in the place of what was allowed before. */
export async function allowRecipe(
  folder: RunsFolder,
  recipe: Pick<ResolvedRecipe, 'plugins'>,
  base: string,
): Promise<void> {
  rmSync(placesFile(folder), { force: true });
  allowMore(folder, await placesOf(recipe, base));
}

export function allowMore(folder: RunsFolder, more: readonly PluginPlace[]): void {
  if (more.length === 0) return;
  const file = placesFile(folder);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as PluginPlace[]) : [];
  mkdirSync(dirname(file), { recursive: true });
  const whole = `${file}.new`;
  writeFileSync(whole, JSON.stringify([...before, ...more]), { mode: 0o600 });
  renameSync(whole, file);
}

/** Where a recipe's plugins lie: what services start must not depend on their working directory. @throws PLUGIN_NOT_FOUND */
export function placesOf({ plugins = {} }: Pick<Recipe, 'plugins'>, base: string): Promise<PluginPlace[]> {
  return Promise.all(
    Object.entries(plugins).map(async ([key, { from, digest }]) => ({
      name: pluginNameOf(key),
      from: await pluginFolder(key, from, base),
      ...(digest === undefined ? {} : { digest }),
    })),
  );
}

/**
 * `npm` stands for the installed package of the plugin's name; it is looked for where the recipe lies, then where this program is
 * installed, with which some come. @throws PLUGIN_NOT_FOUND
 */
export async function pluginFolder(key: string, from: string, base: string): Promise<string> {
  const source = from === 'npm' ? pluginNameOf(key) : from;
  const isPath = source.startsWith('.') || isAbsolute(source);
  try {
    return (await findPlugin(source, resolve(base))).folder;
  } catch (error) {
    if (isPath) throw error;
    return (await findPlugin(source, ROOT).catch(() => Promise.reject(error as Error))).folder;
  }
}
