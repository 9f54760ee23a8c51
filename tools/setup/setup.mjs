#!/usr/bin/env node
// Set-up: what `npm start` and `npm test` begin with. Plain Node, no package: it runs before anything is installed.
// Each step looks first whether its work is there, so that in a checkout that is ready all of it takes a moment.

import path from 'node:path';
import { handOver, killChildren, signalNumber } from './children.mjs';
import { dashboardInPlace, provideDashboard } from './dashboard.mjs';
import { engineInPlace, forcedEngine, provideEngine } from './engine.mjs';
import { ROOT, folders as foldersOf } from './folders.mjs';
import { withLock } from './lock.mjs';
import { installPackages, lockfileProblem, packagesProblem } from './npm.mjs';
import { parseArguments } from './arguments.mjs';
import { createProgress } from './progress.mjs';

const HELP = `Usage: node tools/setup/setup.mjs [--verbose] [--then run|test|none] [-- arguments]

Installs what is missing: the npm packages (without their install scripts), TensorFlow's library from its Python
wheel (kept in the cache folder), tfjs-node's addon; and tries it with one training step. Builds the dashboard's page.

  --then run    then run a recipe: the first argument, or recipes/lenet-300-100.yaml
  --then test   then run all checks (tools/check)
  --verbose     show the output of npm, pip and the compiler
  --help        this text

Environment
  ESPALIER_ENGINE=native|wasm   insist on an engine; unset: native where it can be had, else WASM
  ESPALIER_CACHE=folder         instead of $XDG_CACHE_HOME/espalier or ~/.cache/espalier
`;

const OLDEST_NODE = [20, 11];

async function main() {
  const options = parseArguments(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  requireNode();
  forcedEngine();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
  await setUp(options);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  if (options.then === 'none') return 0;
  const program = options.then === 'run' ? 'tools/cli/bin/espalier.cjs' : 'tools/check/check.mjs';
  return handOver(process.execPath, [path.join(ROOT, program), ...options.rest], { cwd: ROOT });
}

async function setUp({ verbose, then }) {
  const folders = foldersOf();
  const progress = createProgress();
  // Who asks for set-up and nothing else wants a failed download or build to be tried again.
  const retry = then === 'none' && forcedEngine() === undefined;
  const inPlace = () => {
    if (packagesProblem(ROOT) !== undefined) return undefined;
    const state = engineInPlace(folders);
    return retry && state?.engine === 'wasm' ? undefined : state;
  };
  const state =
    inPlace() ??
    (await withLock(folders.lock, () => inPlace() ?? work({ folders, progress, verbose }), {
      onWait: () => progress.note('waiting for another set-up of this folder'),
    }));
  if (!(await dashboardInPlace(ROOT))) {
    await withLock(folders.lock, () => provideDashboard({ root: ROOT, progress, verbose }), {
      onWait: () => progress.note('waiting for another set-up of this folder'),
    });
  }
  if (state.engine === 'native') progress.end(`native engine, TensorFlow ${state.tensorflow}`);
  else progress.end(`WASM engine, slower and without training of convolutions. Why: ${state.reason}`);
}

async function work({ folders, progress, verbose }) {
  const problem = packagesProblem(ROOT);
  if (problem) {
    const behind = lockfileProblem(ROOT);
    if (behind) throw new Error(`${behind}; run "npm install" and commit package-lock.json with it`);
    progress.note(`npm packages: ${problem}`);
    await progress.step('npm packages', { seconds: 60 }, () => installPackages(ROOT, { verbose }));
  }
  const state = engineInPlace(folders);
  if (state?.engine === 'native' || forcedEngine() === 'wasm') return state;
  return provideEngine({ folders, progress, verbose });
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Error(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}`);
}

function stop(signal) {
  killChildren();
  process.stderr.write(`set-up was stopped by ${signal}; what is half done is done again next time\n`);
  process.exit(128 + signalNumber(signal));
}

main().then(
  (code) => (process.exitCode = code),
  (error) => {
    killChildren();
    process.stderr.write(`set-up failed: ${error.message}\n`);
    process.exitCode = 1;
  },
);
