/**
 * Where a plugin's package lies, and how its process is started. A folder is a Node package (package.json with `main` or `exports`), or
 * says itself how it is started, in whatever language, in `espalier-plugin.json`:
 * `{ "name": "...", "version": "...", "start": ["python3", "-m", "my_plugin"] }`. Or a person starts it (`attached-package.ts`).
 */
import { existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { attachedStart, type AttachedStart } from './attached-package';
import { pluginHostError } from './errors';

export const DESCRIPTION_FILE = 'espalier-plugin.json';

/** The module whose default export is the plugin, or a command that is run in the folder. */
export type OwnStart = { readonly module: string } | { readonly command: readonly string[] };

export interface PluginPackage {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly start: OwnStart | AttachedStart;
}

/** @throws PLUGIN_NOT_FOUND */
export async function findPlugin(from: string, base = process.cwd()): Promise<PluginPackage> {
  // A workspace's packages are links, and where its files are shut off a plugin sees no more than its own place.
  const folder = realpathSync(folderOf(from, base));
  const own = await readJson(join(folder, DESCRIPTION_FILE));
  const npm = await readJson(join(folder, 'package.json'));
  const name = own?.['name'] ?? npm?.['name'];
  const version = own?.['version'] ?? npm?.['version'];
  if (typeof name !== 'string' || typeof version !== 'string') {
    throw notFound(from, `${folder} says no "name" and "version" in a package.json or ${DESCRIPTION_FILE}`);
  }
  const attached = attachedStart(own);
  if (typeof attached === 'string') throw notFound(from, `in ${DESCRIPTION_FILE} ${attached}`);
  if (attached) return { folder, name, version, start: attached };
  const start = own?.['start'];
  if (start === undefined) return { folder, name, version, start: { module: moduleOf(folder, from, npm) } };
  const isCommand =
    Array.isArray(start) && start.length > 0 && start.every((word) => typeof word === 'string');
  if (!isCommand) throw notFound(from, `"start" in ${DESCRIPTION_FILE} must be a list of words`);
  return { folder, name, version, start: { command: start as string[] } };
}

/** A path when it looks like one, else an installed package, looked for as Node does. */
function folderOf(from: string, base: string): string {
  if (from.startsWith('.') || isAbsolute(from)) {
    const folder = resolve(base, from);
    if (!existsSync(folder)) throw notFound(from, `there is no folder ${folder}`);
    return folder;
  }
  for (let at = resolve(base); ; at = dirname(at)) {
    const folder = join(at, 'node_modules', from);
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (at === dirname(at)) break;
  }
  throw notFound(from, `no package of that name is installed where ${resolve(base)} would find it`);
}

function moduleOf(
  folder: string,
  from: string,
  manifest: Readonly<Record<string, unknown>> | undefined,
): string {
  const source = sourceOf(manifest);
  if (source !== undefined) return join(folder, source);
  try {
    return createRequire(join(folder, 'package.json')).resolve(folder);
  } catch (cause) {
    throw pluginHostError(
      'PLUGIN_NOT_FOUND',
      { from, problem: 'its package.json names no main file that is there' },
      { cause },
    );
  }
}

/** Packages of this workspace run from source. */
function sourceOf(manifest: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const door = (manifest?.['exports'] as Readonly<Record<string, unknown>> | undefined)?.['.'];
  const source = (door as Readonly<Record<string, unknown>> | undefined)?.['@espalier/source'];
  return typeof source === 'string' ? source : undefined;
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw pluginHostError('PLUGIN_NOT_FOUND', { from: file, problem: 'it is not JSON' }, { cause });
  }
}

function notFound(from: string, problem: string): Error {
  return pluginHostError('PLUGIN_NOT_FOUND', { from, problem });
}
