// What `espalier doctor` tells of the installation. Works where nothing is installed; changes nothing.

import fs from 'node:fs';
import path from 'node:path';
import { ChildFailed, runChild } from './children.mjs';
import { engineInPlace, forcedEngine } from './engine.mjs';
import { folderBytes, readJson } from './files.mjs';
import { folders as foldersOf } from './folders.mjs';
import { lockfileProblem, npmProgram, packagesProblem } from './npm.mjs';
import { NODE_HEADERS, PIP, TENSORFLOW, platformName, wheelFor } from './platforms.mjs';
import { describeMissing, findTools, nodeHeadersFolder } from './tools.mjs';

/** Less than this free, and a run may not find room for its snapshots. */
const LOW_DISK_BYTES = 1_000_000_000;

const REPAIR = 'run: npm run setup';

/**
 * @returns {node, npm, python, pip, gxx, make: version or null, nodeHeaders: folder or null, platform,
 *   engine: 'native' | 'wasm' | null (not set up), forced: 'native' | 'wasm' | null, tensorflow, tfjsNode: version or
 *   null, reason: why it is not the native engine, or null, cacheFolder, cacheBytes, freeDiskBytes,
 *   problems: [{what, fix}]}
 */
export async function inspectSetup({ root, env = process.env } = {}) {
  const folders = foldersOf({ root, env });
  const { found, missing } = findTools(env);
  const npm = npmProgram(env);
  const [npmVersion, python, pip, gxx, make] = await Promise.all([
    versionOf(npm.program, [...npm.args, '--version']),
    versionOf(found.python3, ['--version']),
    versionOf(found.python3, ['-m', 'pip', '--version']),
    versionOf(found['g++'], ['--version']),
    versionOf(found.make, ['--version']),
  ]);
  const engine = inspectEngine(folders, env);
  const { bavail, bsize } = fs.statfsSync(folders.root);
  const facts = {
    node: process.versions.node,
    npm: npmVersion,
    python,
    pip,
    gxx,
    make,
    nodeHeaders: nodeHeadersFolder({ env }) ?? null,
    platform: platformName(),
    engine: engine.engine,
    forced: engine.forced,
    tensorflow: engine.tensorflow,
    tfjsNode: readJson(path.join(folders.tfjsNode, 'package.json'))?.version ?? null,
    reason: engine.reason,
    cacheFolder: folders.cache,
    cacheBytes: folderBytes(folders.cache),
    freeDiskBytes: bavail * bsize,
  };
  return { ...facts, problems: problemsOf({ folders, facts, missing, engine }) };
}

function inspectEngine(folders, env) {
  const nothing = { engine: null, tensorflow: null, reason: null, forced: null };
  let forced;
  try {
    forced = forcedEngine(env) ?? null;
  } catch (error) {
    return {
      ...nothing,
      problem: { what: error.message, fix: 'set ESPALIER_ENGINE to native or wasm, or unset it' },
    };
  }
  const state = engineInPlace(folders, { env });
  if (state) return { engine: state.engine, tensorflow: state.tensorflow, reason: state.reason, forced };
  const recorded = readJson(folders.engineFile);
  const what = recorded
    ? 'the engine is not as set-up left it, or was set up for another version of Node'
    : 'the engine has not been set up';
  return { ...nothing, reason: recorded?.reason ?? null, forced, problem: { what, fix: REPAIR } };
}

function problemsOf({ folders, facts, missing, engine }) {
  const problems = [];
  const add = (what, fix) => problems.push({ what, fix });
  const packages = packagesProblem(folders.root);
  if (packages) add(`npm packages: ${packages}`, REPAIR);
  const behind = lockfileProblem(folders.root);
  if (behind) add(behind, 'run: npm install');
  if (engine.problem) problems.push(engine.problem);
  if (facts.engine === 'wasm' && facts.forced !== 'wasm') {
    const lacking = facts.python && !facts.pip ? [...missing, PIP] : [...missing];
    if (!facts.nodeHeaders) lacking.push(NODE_HEADERS);
    const possible = wheelFor(facts.platform) !== undefined;
    add(
      `the native engine is not there: ${facts.reason}`,
      !possible
        ? `use one of ${Object.keys(TENSORFLOW.wheels).join(', ')}, or accept WASM with ESPALIER_ENGINE=wasm`
        : lacking.length > 0
          ? `install ${describeMissing(lacking)}, then ${REPAIR}`
          : REPAIR,
    );
  }
  if (facts.freeDiskBytes < LOW_DISK_BYTES) {
    add(
      `only ${Math.round(facts.freeDiskBytes / 1e6)} MB of disk are free`,
      'make room (espalier gc frees old runs)',
    );
  }
  return problems;
}

/** @returns "12.2.0" from whatever a program prints about its version; null where it is missing or broken. */
async function versionOf(program, args) {
  if (!program) return null;
  try {
    return firstVersion(await runChild(program, args));
  } catch (error) {
    if (error instanceof ChildFailed || error.cause?.code === 'ENOENT') return null;
    throw error;
  }
}

/** The last version-like number of the first line: compilers print their distribution's before their own. */
export function firstVersion(text) {
  const versions = text
    .split('\n', 1)[0]
    .replace(/\([^)]*\)|from .*/g, '')
    .match(/\d+(\.\d+)+/g);
  return versions?.at(-1) ?? null;
}
