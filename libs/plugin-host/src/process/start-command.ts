/** The command that starts a plugin's process: its own, or Node with the runner and the plugin's module. */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { pluginHostError } from '../errors';
import type { OwnStart, PluginPackage } from '../find-plugin';
import { findProgram } from './confinement';
import type { ChildCommand } from './plugin-child';
import { compiledModule } from './runner-file';

const MiB = 1024 * 1024;
/** What V8 may hold of a plugin's memory; the rest is left to array buffers, for which `RLIMIT_DATA` is the limit. */
const HEAP_SHARE = 0.75;
const MIN_HEAP_MIB = 32;

export interface StartOptions {
  /** The host's folder of temporary files. */
  readonly hostFolder: string;
  readonly runner: () => Promise<string>;
  readonly programs: Readonly<Record<string, string>>;
  readonly writable: readonly string[];
  readonly memoryBytes: number;
}

/** @throws PLUGIN_PROGRAM, PLUGIN_NOT_FOUND */
export async function startCommand(
  { name, folder, start }: Pick<PluginPackage, 'name' | 'folder'> & { readonly start: OwnStart },
  { hostFolder, runner, programs, writable, memoryBytes }: StartOptions,
): Promise<ChildCommand> {
  const common = { folder, readable: [hostFolder], writable };
  if ('command' in start) {
    const [word, ...args] = start.command;
    // A Python that starts from what it compiled before starts sooner, but a plugin's folder is not written to.
    const env = { PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' };
    return { ...common, program: programOf(name, word, { folder, programs }), args, env };
  }
  const module = await compiledModule(start.module, hostFolder);
  const heapMiB = Math.max(MIN_HEAP_MIB, Math.floor((HEAP_SHARE * memoryBytes) / MiB));
  const args = [`--max-old-space-size=${heapMiB}`, await runner(), module];
  return { ...common, program: process.execPath, args, env: {} };
}

/** One that the host was told, of the folder's own virtual environment, a path, or one of PATH, in this order. */
function programOf(
  plugin: string,
  word: string,
  { folder, programs }: { readonly folder: string; readonly programs: Readonly<Record<string, string>> },
): string {
  if (Object.hasOwn(programs, word)) return programs[word];
  if (word === 'node') return process.execPath;
  const own = join(folder, '.venv/bin', word);
  if (existsSync(own)) return own;
  if (isAbsolute(word)) return word;
  const program = word.includes('/') ? join(folder, word) : findProgram(word);
  if (program !== undefined && existsSync(program)) return program;
  throw pluginHostError('PLUGIN_PROGRAM', { plugin, program: word });
}
