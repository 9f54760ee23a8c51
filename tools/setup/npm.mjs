// The npm packages: looks whether node_modules holds what package-lock.json says, and runs `npm ci` if not.

import fs from 'node:fs';
import path from 'node:path';
import { runChild } from './children.mjs';
import { readJson } from './files.mjs';

const WORKSPACE_FOLDERS = ['libs', 'services', 'tools'];

/** @returns why the packages must be installed, or undefined when all of them are there. */
export function packagesProblem(root) {
  const lock = readJson(path.join(root, 'package-lock.json'));
  if (!lock)
    return fs.existsSync(path.join(root, 'node_modules/.package-lock.json'))
      ? undefined
      : 'nothing is installed';
  // npm writes this file last: after an installation that was cut it is missing.
  const installed = readJson(path.join(root, 'node_modules/.package-lock.json'));
  if (!installed) return 'nothing is installed';
  return firstDifference(lock.packages, installed.packages, (name) => fs.existsSync(path.join(root, name)));
}

/** Compares two `packages` tables; packages that only other platforms need may be missing from the second. */
export function firstDifference(wanted, installed, exists) {
  for (const [name, entry] of Object.entries(wanted)) {
    if (!name.startsWith('node_modules/') && !name.includes('/node_modules/')) continue;
    const found = installed[name];
    if (!found) {
      if (!entry.optional) return `${name} is not installed`;
      continue;
    }
    if (found.version !== entry.version) return `${name} is ${found.version}, not ${entry.version}`;
    if (found.integrity !== entry.integrity) return `${name} has other contents than the lockfile says`;
    if (!exists(name)) return `${name} is gone`;
  }
  return undefined;
}

/** @returns in what a package.json differs from what the lockfile recorded of it, or undefined. */
export function lockfileProblem(root) {
  const lock = readJson(path.join(root, 'package-lock.json'));
  if (!lock) return undefined;
  for (const folder of ['', ...workspaceFolders(root)]) {
    const manifest = readJson(path.join(root, folder, 'package.json'));
    const recorded = lock.packages[folder];
    const file = path.join(folder, 'package.json');
    if (!recorded) return `${file} is not in package-lock.json`;
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']) {
      if (!sameTable(manifest[kind], recorded[kind]))
        return `${kind} of ${file} differ from package-lock.json`;
    }
  }
  return undefined;
}

/** Installs the packages, install scripts off; throws ChildFailed with npm's last lines. */
export async function installPackages(root, { verbose } = {}) {
  const command = fs.existsSync(path.join(root, 'package-lock.json')) ? 'ci' : 'install';
  const { program, args } = npmProgram();
  await runChild(program, [...args, command, '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    verbose,
  });
}

/** The npm that started us, else the one on the path. */
export function npmProgram(env = process.env) {
  const script = env.npm_execpath;
  if (script && /npm-cli\.[cm]?js$/.test(script) && fs.existsSync(script)) {
    return { program: process.execPath, args: [script] };
  }
  return { program: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };
}

function workspaceFolders(root) {
  return WORKSPACE_FOLDERS.flatMap((parent) => {
    const full = path.join(root, parent);
    if (!fs.existsSync(full)) return [];
    return fs
      .readdirSync(full)
      .map((name) => `${parent}/${name}`)
      .filter((folder) => fs.existsSync(path.join(root, folder, 'package.json')));
  });
}

function sameTable(a = {}, b = {}) {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
