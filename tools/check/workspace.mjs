#!/usr/bin/env node
// Keeps what follows from the package.json files: the TypeScript project references and the nx tags.
// `node tools/check/workspace.mjs` says what differs (exit code 1), with --fix it writes the files.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { floorOf } from './floors.mjs';

const KINDS = ['libs', 'services', 'tools'];
const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** @returns [{kind, name, folder, manifest}] of every workspace package, in the order of their folders. */
export function projectsOf(root) {
  return KINDS.flatMap((kind) => {
    const parent = path.join(root, kind);
    if (!fs.existsSync(parent)) return [];
    return fs
      .readdirSync(parent)
      .sort()
      .filter((name) => fs.existsSync(path.join(parent, name, 'package.json')))
      .map((name) => ({
        kind,
        name,
        folder: `${kind}/${name}`,
        manifest: readJson(root, `${kind}/${name}/package.json`),
      }));
  });
}

/** @returns {file: wanted content} for every file that is not as it should be. */
export function differences(root) {
  const projects = projectsOf(root);
  const typed = projects.filter(({ folder }) => fs.existsSync(path.join(root, folder, 'tsconfig.json')));
  const wanted = {};
  const compare = (file, value) => {
    const have = fs.existsSync(path.join(root, file)) ? readJson(root, file) : undefined;
    if (comparable(have) !== comparable(value)) wanted[file] = value;
  };

  for (const project of typed) {
    const file = `${project.folder}/tsconfig.json`;
    compare(file, { ...readJson(root, file), references: referencesOf(project, typed) });
  }
  for (const project of projects) {
    const tags = [`floor:${floorOf(project)}`];
    compare(`${project.folder}/package.json`, { ...project.manifest, nx: { ...project.manifest.nx, tags } });
  }
  const tests = 'test/tsconfig.json';
  const all = typed.map(({ folder }) => folder);
  if (fs.existsSync(path.join(root, tests))) {
    compare(tests, { ...readJson(root, tests), references: all.map((folder) => ({ path: `../${folder}` })) });
    all.push('test');
  }
  compare('tsconfig.json', {
    extends: './tsconfig.base.json',
    files: [],
    references: all.map((folder) => ({ path: `./${folder}` })),
  });
  return wanted;
}

function referencesOf({ folder, manifest }, typed) {
  const dependencies = { ...manifest.dependencies, ...manifest.devDependencies };
  return typed
    .filter((other) => other.folder !== folder && dependencies[other.manifest.name] !== undefined)
    .map((other) => ({ path: path.posix.relative(folder, other.folder) }));
}

/** The order of references means nothing. */
function comparable(value) {
  const references = value?.references?.map((reference) => reference.path).sort();
  return JSON.stringify({ ...value, references });
}

function readJson(root, file) {
  return JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));
}

async function main() {
  const wanted = differences(ROOT);
  const fix = process.argv.includes('--fix');
  for (const [file, value] of Object.entries(wanted)) {
    if (!fix) {
      process.stdout.write(`${file} is not in step with the package.json files\n`);
      continue;
    }
    const full = path.join(ROOT, file);
    fs.writeFileSync(
      full,
      await format(JSON.stringify(value), { ...(await resolveConfig(full)), filepath: full }),
    );
    process.stdout.write(`${file} written\n`);
  }
  if (Object.keys(wanted).length === 0 || fix) return;
  process.stdout.write('run: node tools/check/workspace.mjs --fix\n');
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
