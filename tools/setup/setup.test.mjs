import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { DEFAULT_RECIPE, parseArguments } from './arguments.mjs';
import { ChildFailed, runChild } from './children.mjs';
import { engineInPlace, forcedEngine, provideEngine } from './engine.mjs';
import {
  copyAtomically,
  fileSize,
  linkAtomically,
  linkTarget,
  readJson,
  removeLeftovers,
  writeJson,
} from './files.mjs';
import { cacheFolder, folders as foldersOf } from './folders.mjs';
import { firstVersion } from './inspect.mjs';
import { libtensorflowInPlace, pipReason } from './libtensorflow.mjs';
import { isAlive, withLock } from './lock.mjs';
import { firstDifference, lockfileProblem, packagesProblem } from './npm.mjs';
import { TENSORFLOW, platformName } from './platforms.mjs';
import { createProgress, duration } from './progress.mjs';
import { describeMissing, findTools } from './tools.mjs';

function tempFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-setup-test-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const quiet = { note: () => undefined, step: (title, options, action) => action(() => undefined) };

test('npm start without arguments runs the default recipe', () => {
  assert.deepEqual(parseArguments(['--then', 'run']).rest, ['run', DEFAULT_RECIPE]);
  assert.deepEqual(parseArguments(['--then', 'run', '--seed', '3']).rest, [
    'run',
    DEFAULT_RECIPE,
    '--seed',
    '3',
  ]);
});

test('a recipe, a run to resume or a plea for help takes the default recipe away', () => {
  assert.deepEqual(parseArguments(['--then', 'run', 'a.yaml']).rest, ['run', 'a.yaml']);
  assert.deepEqual(parseArguments(['--then', 'run', '--', 'a.yml']).rest, ['run', 'a.yml']);
  assert.deepEqual(parseArguments(['--then', 'run', '--resume', 'x']).rest, ['run', '--resume', 'x']);
  assert.deepEqual(parseArguments(['--then', 'run', '--help']).rest, ['run', '--help']);
});

test('what follows --then belongs to what comes then', () => {
  const options = parseArguments(['--verbose', '--then', 'test', '--only', 'lint', '--help']);
  assert.deepEqual(options, { help: false, verbose: true, then: 'test', rest: ['--only', 'lint', '--help'] });
});

test('an argument that set-up does not know is refused', () => {
  assert.throws(() => parseArguments(['--fast']), /unknown argument "--fast"/);
  assert.throws(() => parseArguments(['--then', 'dance']), /--then is "dance"/);
});

test('the cache folder is ESPALIER_CACHE, or in XDG_CACHE_HOME, or in the home folder', () => {
  assert.equal(cacheFolder({ ESPALIER_CACHE: '/a', XDG_CACHE_HOME: '/b', HOME: '/c' }), '/a');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/b', HOME: '/c' }), '/b/espalier');
  assert.equal(cacheFolder({ HOME: '/c' }), '/c/.cache/espalier');
});

test('ESPALIER_ENGINE is native, wasm or not set', () => {
  assert.equal(forcedEngine({}), undefined);
  assert.equal(forcedEngine({ ESPALIER_ENGINE: 'wasm' }), 'wasm');
  assert.throws(() => forcedEngine({ ESPALIER_ENGINE: 'gpu' }), /ESPALIER_ENGINE is "gpu"/);
});

test('installed packages are compared with the lockfile', () => {
  const wanted = {
    '': {},
    'libs/a': { version: '1.0.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'x' },
    'node_modules/for-another-system': { version: '2.0.0', optional: true },
  };
  const installed = { 'node_modules/a': { version: '1.0.0', integrity: 'x' } };
  assert.equal(
    firstDifference(wanted, installed, () => true),
    undefined,
  );
  assert.match(
    firstDifference(wanted, {}, () => true),
    /node_modules\/a is not installed/,
  );
  assert.match(
    firstDifference(wanted, { 'node_modules/a': { version: '0.9.0' } }, () => true),
    /is 0.9.0, not 1.0.0/,
  );
  assert.match(
    firstDifference(wanted, installed, () => false),
    /is gone/,
  );
});

test('an installation that was cut is noticed: npm writes its own lockfile last', (t) => {
  const root = tempFolder(t);
  writeJson(path.join(root, 'package-lock.json'), { packages: {} });
  fs.mkdirSync(path.join(root, 'node_modules/a'), { recursive: true });
  assert.equal(packagesProblem(root), 'nothing is installed');
  writeJson(path.join(root, 'node_modules/.package-lock.json'), { packages: {} });
  assert.equal(packagesProblem(root), undefined);
});

test('a package.json that the lockfile does not know is named', (t) => {
  const root = tempFolder(t);
  writeJson(path.join(root, 'package.json'), { dependencies: { a: '1.0.0' } });
  writeJson(path.join(root, 'package-lock.json'), { packages: { '': { dependencies: { a: '1.0.0' } } } });
  assert.equal(lockfileProblem(root), undefined);
  writeJson(path.join(root, 'libs/x/package.json'), { name: 'x' });
  assert.match(lockfileProblem(root), /libs\/x\/package.json is not in package-lock.json/);
});

test('a library folder counts only when it is complete and of the right wheel', (t) => {
  const folder = tempFolder(t);
  fs.mkdirSync(path.join(folder, 'lib'));
  fs.writeFileSync(path.join(folder, 'lib/a.so'), '12345');
  const wheel = { sha256: 'abc' };
  assert.equal(libtensorflowInPlace(folder, wheel), false);
  writeJson(path.join(folder, 'complete.json'), { sha256: 'abc', sizes: { 'a.so': 5 } });
  assert.equal(libtensorflowInPlace(folder, wheel), true);
  assert.equal(libtensorflowInPlace(folder, { sha256: 'def' }), false);
  fs.truncateSync(path.join(folder, 'lib/a.so'), 4);
  assert.equal(libtensorflowInPlace(folder, wheel), false);
});

test('without the programs the engine is WASM, and the reason names the packages that bring them', async (t) => {
  const root = tempFolder(t);
  const env = { PATH: '', ESPALIER_CACHE: path.join(root, 'cache') };
  const folders = foldersOf({ root, env });
  const state = await provideEngine({ folders, progress: quiet, env });
  assert.equal(state.engine, 'wasm');
  if (platformName() in TENSORFLOW.wheels) {
    assert.match(
      state.reason,
      /missing: python3, make, g\+\+ \(on Debian: apt-get install python3 make g\+\+\)/,
    );
  }
  assert.equal(engineInPlace(folders, { env })?.reason, state.reason, 'what was found is remembered');
  assert.equal(
    engineInPlace(folders, { env, now: Date.now() + 7_200_000 }),
    undefined,
    'and looked at again later',
  );
  await assert.rejects(
    provideEngine({ folders, progress: quiet, env: { ...env, ESPALIER_ENGINE: 'native' } }),
    /ESPALIER_ENGINE=native, but the native engine cannot be had/,
  );
});

test('a WASM verdict is looked at again as soon as a program appears', async (t) => {
  const root = tempFolder(t);
  const env = { PATH: path.join(root, 'bin'), ESPALIER_CACHE: path.join(root, 'cache') };
  const folders = foldersOf({ root, env });
  await provideEngine({ folders, progress: quiet, env });
  assert.notEqual(engineInPlace(folders, { env }), undefined);
  fs.mkdirSync(env.PATH);
  fs.writeFileSync(path.join(env.PATH, 'make'), '', { mode: 0o755 });
  assert.equal(engineInPlace(folders, { env }), undefined);
});

test('ESPALIER_ENGINE=wasm asks nothing of the disk', (t) => {
  const folders = foldersOf({ root: tempFolder(t), env: {} });
  assert.equal(engineInPlace(folders, { env: { ESPALIER_ENGINE: 'wasm' } }).engine, 'wasm');
});

test('missing programs are told with their Debian packages', () => {
  const { missing } = findTools({ PATH: '/nowhere' });
  assert.equal(describeMissing(missing), 'python3, make, g++ (on Debian: apt-get install python3 make g++)');
});

test("pip's own error is the reason, not the notices around it", () => {
  const output =
    'WARNING: slow\nERROR: Could not find a version\nERROR: No matching distribution\n[notice] new pip\n';
  assert.equal(pipReason({ output, message: 'pip failed' }), 'No matching distribution');
  assert.equal(pipReason({ output: '', message: 'pip failed' }), 'pip failed');
});

test('a pip without network is told from a version that does not exist', () => {
  const output = 'WARNING: Retrying after NewConnectionError\nERROR: No matching distribution\n';
  assert.match(pipReason({ output, message: 'pip failed' }), /is the network up/);
});

test('versions are read out of what programs print', () => {
  assert.equal(firstVersion('Python 3.11.7\n'), '3.11.7');
  assert.equal(firstVersion('g++ (Debian 12.2.0-14) 12.2.0\nCopyright'), '12.2.0');
  assert.equal(firstVersion('pip 23.2.1 from /usr/lib/python3.11/site-packages (python 3.11)'), '23.2.1');
  assert.equal(firstVersion('nothing'), null);
});

test('links and copies replace what stood in their place', (t) => {
  const folder = tempFolder(t);
  const link = path.join(folder, 'deps/lib');
  fs.mkdirSync(link, { recursive: true });
  fs.writeFileSync(path.join(link, 'old'), '');
  linkAtomically('/somewhere', link);
  linkAtomically('/elsewhere', link);
  assert.equal(linkTarget(link), '/elsewhere');
  const from = path.join(folder, 'from');
  fs.writeFileSync(from, 'new');
  copyAtomically(from, path.join(folder, 'to'));
  assert.equal(fs.readFileSync(path.join(folder, 'to'), 'utf8'), 'new');
  assert.deepEqual(fs.readdirSync(folder).sort(), ['deps', 'from', 'to']);
});

test('a file that is missing or broken reads as undefined', (t) => {
  const file = path.join(tempFolder(t), 'a.json');
  assert.equal(readJson(file), undefined);
  assert.equal(fileSize(file), -1);
  fs.writeFileSync(file, '{"half":');
  assert.equal(readJson(file), undefined);
});

test('left-overs of dead processes go, those of living ones stay', (t) => {
  const folder = tempFolder(t);
  for (const name of ['addon-1-aa', 'addon-2-bb', 'unrelated']) fs.mkdirSync(path.join(folder, name));
  removeLeftovers(folder, (pid) => pid === 2);
  assert.deepEqual(fs.readdirSync(folder), ['addon-2-bb']);
});

/** Starts a process that takes the lock, says so, and holds it until it is killed. */
async function holdLock(t, file) {
  const lock = new URL('./lock.mjs', import.meta.url).href;
  const script = `import(${JSON.stringify(lock)}).then(({ withLock }) =>
    withLock(${JSON.stringify(file)}, () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1e6)); }))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

test('a lock is waited for while its owner lives, and taken over when it was killed', async (t) => {
  const file = path.join(tempFolder(t), 'lock');
  const owner = await holdLock(t, file);
  assert.equal(isAlive(owner.pid), true);
  const waited = [];
  const exited = once(owner, 'exit');
  const value = await withLock(file, () => 'mine', {
    onWait(name) {
      waited.push(name);
      owner.kill('SIGKILL');
    },
  });
  await exited;
  assert.equal(value, 'mine');
  assert.equal(Number(waited[0].split(' ')[0]), owner.pid);
  assert.deepEqual(fs.readdirSync(path.dirname(file)), [], 'nothing is left of the lock');
});

test('a child that fails says how, with its last lines', async () => {
  await assert.rejects(
    runChild(process.execPath, ['-e', 'console.error("it broke"); process.exit(3)']),
    (error) => error instanceof ChildFailed && /exit code 3.*\n.*it broke/.test(error.message),
  );
});

test('progress announces what takes long, and keeps quiet where nothing was done', async () => {
  const written = [];
  const progress = createProgress({ write: (text) => written.push(text), now: () => 0 });
  progress.end('native');
  await progress.step('short', { seconds: 1 }, async () => undefined);
  await progress.step('long', { seconds: 60 }, async () => undefined);
  assert.deepEqual(written, [
    'set-up in place: native\n',
    'set-up\n',
    '  ✓ short (0 s)\n',
    '  … long (about 60 s)\n',
    '  ✓ long (0 s)\n',
  ]);
});

test('durations read as people say them', () => {
  assert.deepEqual([0.42, 9, 59.6, 120, 200, 239].map(duration), [
    '0.4 s',
    '9 s',
    '60 s',
    '2 min',
    '3 min 20 s',
    '4 min',
  ]);
});
