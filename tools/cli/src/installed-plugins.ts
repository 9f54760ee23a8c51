/**
 * Plugins that are installed where a recipe would find them: packages by their names and keywords. Found without being started, so
 * what they contribute is known of those alone that come with this program, or that somebody names.
 */
import { digestFolder, findPlugin, openPluginHost } from '@espalier/plugin-host';
import { manifestOf, type ContributionManifest, type Plugin } from '@espalier/plugin-api';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ROOT } from './installation';
import { namedFolder } from './recipe-plugins';

export interface InstalledPlugin {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly folder: string;
  /** Absent: it has not been asked. */
  readonly contributions?: readonly Pick<ContributionManifest, 'kind' | 'name'>[];
  /** Why it could not be asked. */
  readonly problem?: string;
}

/** Parts of the program itself. */
const NOT_PLUGINS = ['@espalier/plugin-api', '@espalier/plugin-host'];

/** @param named folders and packages that somebody asks for: those are started, to ask them */
export async function installedPlugins(named: readonly string[]): Promise<InstalledPlugin[]> {
  const folders = new Map<string, { readonly from: string; readonly ask: boolean }>();
  for (const from of foundFrom(process.cwd())) folders.set(realpathSync(from), { from, ask: false });
  for (const from of named) {
    const { folder } = await findPlugin(namedFolder(from));
    folders.set(realpathSync(folder), { from: folder, ask: true });
  }
  const plugins = await Promise.all([...folders].map(([folder, { ask }]) => lookAt(folder, ask)));
  return plugins.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function lookAt(folder: string, ask: boolean): Promise<InstalledPlugin[]> {
  // A package that only sounds like one.
  const pack = await findPlugin(folder).catch(() => undefined);
  if (!pack) return [];
  const { name, version } = pack;
  const plugin = { name, version, digest: await digestFolder(folder), folder };
  if (isOurs(folder) && 'module' in pack.start)
    return [{ ...plugin, contributions: ownContributions(pack.start.module) }];
  if (!ask) return [plugin];
  await using host = await openPluginHost({ allow: [name] });
  try {
    const { ref, manifest } = await host.describe({ from: folder });
    return [
      {
        ...plugin,
        digest: ref.digest,
        contributions: manifest.contributions.map(({ kind, name: of }) => ({ kind, name: of })),
      },
    ];
  } catch (error) {
    return [{ ...plugin, problem: (error as Error).message }];
  }
}

/** Of one that comes with this program: its code is ours, and runs here. */
function ownContributions(module: string): InstalledPlugin['contributions'] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- by the hook that loads the workspace from source
  const { default: plugin } = require(module) as { readonly default: Plugin };
  return manifestOf(plugin).contributions.map(({ kind, name }) => ({ kind, name }));
}

/** Packages of every `node_modules` from here upwards, and of this program's. */
function foundFrom(start: string): string[] {
  const found: string[] = [];
  for (let at = resolve(start); ; at = dirname(at)) {
    found.push(...pluginsIn(join(at, 'node_modules')));
    if (at === dirname(at)) break;
  }
  return [...found, ...pluginsIn(join(ROOT, 'node_modules'))];
}

function pluginsIn(modules: string): string[] {
  if (!existsSync(modules)) return [];
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  return names
    .filter((name) => isPluginName(name) && existsSync(join(modules, name, 'package.json')))
    .map((name) => join(modules, name));
}

/** Packages of others are called `espalier-plugin-...`, with a scope or without; those that come with the program `@espalier/plugin-...`. */
function isPluginName(name: string): boolean {
  if (NOT_PLUGINS.includes(name)) return false;
  return name.startsWith('@espalier/plugin-') || /^(@[^/]+\/)?espalier-plugin-/.test(name);
}

function isOurs(folder: string): boolean {
  return dirname(realpathSync(folder)) === realpathSync(join(ROOT, 'libs'));
}
