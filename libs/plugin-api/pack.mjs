#!/usr/bin/env node
// One tarball that needs nothing else: `node libs/plugin-api/pack.mjs [FOLDER]` builds @espalier/plugin-api and packs it with what it
// imports inside (bundleDependencies). Strangers install that file; its path is the last line that is printed.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(PACKAGE, '../..');
const require = createRequire(import.meta.url);
/** Of the workspace; they have no versions of their own outside. */
const OURS = ['base', 'tensor'];

function main(target) {
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [tsc, '--build', PACKAGE], { cwd: ROOT, stdio: ['ignore', 2, 'inherit'] });
  const stage = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-pack-'));
  try {
    stagePackage(PACKAGE, stage, { bundled: [...OURS.map((name) => `@espalier/${name}`), 'rxjs', 'tslib'] });
    for (const name of OURS) {
      stagePackage(path.join(ROOT, 'libs', name), path.join(stage, 'node_modules/@espalier', name), {});
    }
    for (const name of ['rxjs', 'tslib']) {
      const from = path.dirname(require.resolve(`${name}/package.json`));
      fs.cpSync(from, path.join(stage, 'node_modules', name), { recursive: true });
    }
    fs.mkdirSync(target, { recursive: true });
    const args = ['pack', '--json', '--offline', '--pack-destination', path.resolve(target)];
    const [{ filename }] = packed(execFileSync('npm', args, { cwd: stage, encoding: 'utf8' }));
    process.stdout.write(`${path.join(path.resolve(target), filename)}\n`);
  } finally {
    fs.rmSync(stage, { recursive: true, force: true });
  }
}

/** What is built, the README and the licence, with a package.json as one outside needs it. */
function stagePackage(from, to, { bundled }) {
  fs.cpSync(path.join(from, 'dist'), path.join(to, 'dist'), {
    recursive: true,
    filter: (file) => !/\.spec\.|\.map$|\.tsbuildinfo$/.test(file),
  });
  fs.copyFileSync(path.join(from, 'README.md'), path.join(to, 'README.md'));
  fs.copyFileSync(path.join(ROOT, 'LICENSE'), path.join(to, 'LICENSE'));
  const { nx: _nx, private: _private, devDependencies: _dev, ...manifest } = readJson(from);
  const exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([door, to]) => [door, outside(to)]),
  );
  const dependencies = Object.fromEntries(
    [...Object.keys(manifest.dependencies), ...(bundled?.includes('tslib') ? ['tslib'] : [])].map((name) => [
      name,
      readJson(path.dirname(require.resolve(`${name}/package.json`))).version,
    ]),
  );
  const whole = { ...manifest, exports, dependencies, ...(bundled && { bundleDependencies: bundled }) };
  fs.writeFileSync(path.join(to, 'package.json'), `${JSON.stringify(whole, undefined, 2)}\n`);
}

/** Sources stay inside: without the condition by which the workspace runs from them. */
function outside(door) {
  if (typeof door === 'string') return door;
  const { '@espalier/source': _source, ...rest } = door;
  return rest;
}

/** npm 11 gives a list, later ones a map by name. */
function packed(json) {
  const result = JSON.parse(json);
  return Array.isArray(result) ? result : Object.values(result);
}

function readJson(folder) {
  return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
}

main(process.argv[2] ?? '.');
