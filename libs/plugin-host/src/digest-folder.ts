/**
 * The digest that pins a plugin: SHA-256 over the sorted list of its files, each by path and SHA-256. What it depends on stands in its
 * package.json by version; what tools leave behind is no part of it.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { pluginHostError } from './errors';

const LEFT_OUT: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  '.venv',
  'venv',
  '__pycache__',
  '.pytest_cache',
  '.mypy_cache',
  '.cache',
  '.nyc_output',
  'coverage',
  '.DS_Store',
]);
const LEFT_OUT_ENDINGS = ['.pyc', '.tsbuildinfo', '.egg-info', '.log'];

/** A plugin is a few files; beyond this somebody named the wrong folder. */
const MAX_FILES = 10_000;
const MAX_BYTES = 512 * 1024 * 1024;

/** 64 hex digits. @throws PLUGIN_NOT_FOUND for a folder that is none, or is too large, or whose links leave it */
export async function digestFolder(folder: string): Promise<string> {
  const root = resolve(folder);
  const lines: string[] = [];
  let bytes = 0;
  for (const path of (await filesOf(root)).sort()) {
    const content = await readFile(join(root, path));
    bytes += content.byteLength;
    if (bytes > MAX_BYTES) throw refused(folder, `it has more than ${MAX_BYTES} bytes`);
    lines.push(`${createHash('sha256').update(content).digest('hex')}  ${path.split(sep).join('/')}\n`);
  }
  return createHash('sha256').update(lines.join('')).digest('hex');
}

async function filesOf(root: string): Promise<string[]> {
  const files: string[] = [];
  const leftOut = await derivedFolders(root);
  const visit = async (at: string): Promise<void> => {
    for (const entry of await entriesOf(root, at)) {
      const path = join(at, entry.name);
      if (LEFT_OUT.has(entry.name) || LEFT_OUT_ENDINGS.some((ending) => entry.name.endsWith(ending)))
        continue;
      if (leftOut.includes(path)) continue;
      if (entry.isSymbolicLink()) await requireInside(root, path);
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile() || entry.isSymbolicLink()) files.push(path);
      if (files.length > MAX_FILES) throw refused(root, `it has more than ${MAX_FILES} files`);
    }
  };
  await visit('');
  return files;
}

async function entriesOf(
  root: string,
  at: string,
): Promise<
  readonly { name: string; isDirectory(): boolean; isFile(): boolean; isSymbolicLink(): boolean }[]
> {
  try {
    return await readdir(join(root, at), { withFileTypes: true });
  } catch (cause) {
    throw pluginHostError('PLUGIN_NOT_FOUND', { from: root, problem: 'its files cannot be read' }, { cause });
  }
}

/** A package of this workspace runs from its sources: what is built from them is not what runs. */
async function derivedFolders(root: string): Promise<readonly string[]> {
  try {
    const manifest = await readFile(join(root, 'package.json'), 'utf8');
    return manifest.includes('"@espalier/source"') ? ['dist'] : [];
  } catch {
    return [];
  }
}

/** A link's content is hashed as if it lay there: it must be a file of the plugin's own. */
async function requireInside(root: string, path: string): Promise<void> {
  const target = resolve(join(root, path), '..', await readlink(join(root, path)));
  const isInside = target.startsWith(root + sep);
  const isFile =
    isInside &&
    (await stat(target).then(
      (it) => it.isFile(),
      () => false,
    ));
  if (!isFile) throw refused(root, `"${path}" is a link to something that is no file of it`);
}

function refused(from: string, problem: string): Error {
  return pluginHostError('PLUGIN_NOT_FOUND', { from, problem });
}
