/**
 * The plugins that the services of a runs folder may start: those of the recipe that they were started for, and those that a person
 * named for a swap since. A file beside the stores, so that nobody who can merely talk to the hub adds to it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pluginNameOf, type ResolvedRecipe } from '@espalier/recipe';
import type { PluginPlace } from '@espalier/plugin-host';
import type { RunsFolder } from './runs-folder';

const FILE = 'plugins.json';

export function placesFile(folder: RunsFolder): string {
  return join(folder.store(''), FILE);
}

/** The list as it is for a recipe, in the place of what was allowed before. */
export function allowRecipe(folder: RunsFolder, recipe: Pick<ResolvedRecipe, 'plugins'>): void {
  rmSync(placesFile(folder), { force: true });
  allowMore(folder, placesOf(recipe));
}

export function allowMore(folder: RunsFolder, more: readonly PluginPlace[]): void {
  const file = placesFile(folder);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as PluginPlace[]) : [];
  mkdirSync(dirname(file), { recursive: true });
  const whole = `${file}.new`;
  writeFileSync(whole, JSON.stringify([...before, ...more]), { mode: 0o600 });
  renameSync(whole, file);
}

/** Where a recipe's plugins lie. */
export function placesOf({ plugins = {} }: Pick<ResolvedRecipe, 'plugins'>): PluginPlace[] {
  return Object.entries(plugins).map(([key, { from, digest }]) => ({
    name: pluginNameOf(key),
    from: sourceOf(key, from),
    ...(digest === undefined ? {} : { digest }),
  }));
}

/** `npm` stands for the installed package of that name. */
export function sourceOf(key: string, from: string): string {
  return from === 'npm' ? pluginNameOf(key) : from;
}
