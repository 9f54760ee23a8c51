/**
 * The runner of Node plugins as one file without packages. Built from source where this lib runs from source; a built lib has it beside it.
 * A plugin that is written in TypeScript and not compiled, or in ES modules, is built in the same way.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pluginHostError } from '../errors';

/** What the runner lends to a plugin: see runner/main.ts. */
const LENT = ['@espalier/plugin-api', '@espalier/base', '@espalier/tensor', 'rxjs'];

/** Once for each host: it keeps the promise. */
export async function runnerFile(folder: string): Promise<string> {
  const built = join(__dirname, '../runner/main.js');
  if (existsSync(built)) return built;
  const file = join(folder, 'run-plugin.cjs');
  await bundle(join(__dirname, '../runner/main.ts'), file, []);
  return file;
}

/**
 * CommonJS of a module in TypeScript, or of an ES module whose package has not installed what the runner lends: a `require` is lent to, an
 * `import` is not. Packages are looked for from where it lies, but for those that the runner lends.
 */
export async function compiledModule(module: string, folder: string): Promise<string> {
  if (!(await isToBeCompiled(module))) return module;
  const file = join(
    folder,
    `${basename(module).replace(/\.[cm]?[jt]s$/, '')}-${Date.now().toString(36)}.cjs`,
  );
  await bundle(module, file, LENT);
  return file;
}

async function isToBeCompiled(module: string): Promise<boolean> {
  if (/\.[cm]?ts$/.test(module)) return true;
  const manifest = findManifest(dirname(module));
  const isModule = /\.mjs$/.test(module) || (/\.js$/.test(module) && (await typeOf(manifest)) === 'module');
  return isModule && !existsSync(join(dirname(manifest ?? module), 'node_modules/@espalier/plugin-api'));
}

function findManifest(folder: string): string | undefined {
  const file = join(folder, 'package.json');
  if (existsSync(file)) return file;
  return dirname(folder) === folder ? undefined : findManifest(dirname(folder));
}

async function typeOf(manifest: string | undefined): Promise<unknown> {
  if (manifest === undefined) return undefined;
  return (JSON.parse(await readFile(manifest, 'utf8')) as { readonly type?: unknown }).type;
}

/** By esbuild's own program: a process of its own, so that nothing of it stays in this one. */
async function bundle(entry: string, file: string, external: readonly string[]): Promise<void> {
  const fail = (problem: string, cause?: unknown): Error =>
    pluginHostError('PLUGIN_NOT_FOUND', { from: entry, problem }, { cause });
  let esbuild: string;
  try {
    esbuild = createRequire(__filename).resolve('esbuild/bin/esbuild');
  } catch (cause) {
    throw fail(
      'it is TypeScript or an ES module, and esbuild is not installed: compile it to CommonJS, or install @espalier/plugin-api in its folder',
      cause,
    );
  }
  const args = [
    entry,
    '--bundle',
    '--platform=node',
    '--format=cjs',
    '--target=node20',
    '--conditions=@espalier/source',
    '--log-level=error',
    // What it reads beside itself is still there.
    `--define:import.meta.url=${JSON.stringify(pathToFileURL(entry).href)}`,
    `--outfile=${file}`,
    ...external.map((name) => `--external:${name}`),
  ];
  const child = spawn(process.execPath, [esbuild, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString('utf8')));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  if (code !== 0) throw fail(`it cannot be built: ${errors.trim().slice(0, 1_000) || `exit code ${code}`}`);
}
