// Which engine trains here: the native one where it can be had, else WASM, with the reason written down.

import fs from 'node:fs';
import path from 'node:path';
import { buildAddon, cachedAddon, linkAddon } from './addon.mjs';
import { ChildFailed, runChild } from './children.mjs';
import { linkTarget, readJson, removeLeftovers, writeJson } from './files.mjs';
import { NotPossible, libtensorflowInPlace, provideLibtensorflow } from './libtensorflow.mjs';
import { isAlive, withLock } from './lock.mjs';
import { TENSORFLOW, downloadEstimateSeconds, platformName, wheelFor } from './platforms.mjs';
import { describeMissing, findTools, libcName } from './tools.mjs';

const STATE_VERSION = 1;

/** After this long a download or build that failed is tried again; new tools on the path are noticed at once. */
const RETRY_AFTER_MS = 3_600_000;

const PROOF = new URL('./proof.cjs', import.meta.url).pathname;

/** @returns 'native', 'wasm' or undefined (the best there is), from ESPALIER_ENGINE. */
export function forcedEngine(env = process.env) {
  const value = env.ESPALIER_ENGINE;
  if (!value) return undefined;
  if (value === 'native' || value === 'wasm') return value;
  throw new Error(`ESPALIER_ENGINE is "${value}"; it may be native or wasm, or not set at all`);
}

/**
 * The cheap look: @returns the engine's state as it was recorded, if all that it speaks of is still true, else
 * undefined. State: {engine: 'native' | 'wasm', reason: string | null, tensorflow, tfjsNode, platform, ...}.
 */
export function engineInPlace(folders, { env = process.env, now = Date.now() } = {}) {
  const forced = forcedEngine(env);
  if (forced === 'wasm')
    return { engine: 'wasm', reason: 'ESPALIER_ENGINE=wasm asks for it', tensorflow: null };
  const state = readJson(folders.engineFile);
  if (state?.version !== STATE_VERSION || state.platform !== platformName()) return undefined;
  if (state.engine === 'native') return nativeInPlace(folders, state) ? state : undefined;
  if (forced === 'native') return undefined;
  const age = now - state.at;
  return state.tools === toolsText(env) && age >= 0 && age < RETRY_AFTER_MS ? state : undefined;
}

function nativeInPlace(folders, state) {
  const wheel = wheelFor(platformName());
  const addon = fs.statSync(folders.addon, { throwIfNoEntry: false });
  return (
    wheel !== undefined &&
    state.tensorflow === TENSORFLOW.version &&
    state.tfjsNode === tfjsNodeVersion(folders) &&
    state.provenOn.includes(process.version) &&
    addon !== undefined &&
    addon.size === state.addon.size &&
    addon.mtimeMs === state.addon.mtimeMs &&
    libtensorflowInPlace(folders.tensorflow, wheel) &&
    linkTarget(path.join(folders.tfjsNode, 'deps/lib')) === path.join(folders.tensorflow, 'lib')
  );
}

/** Provides the native engine, or finds out why not; writes the state and @returns it. */
export async function provideEngine({ folders, progress, verbose, env = process.env }) {
  let state;
  try {
    state = await provideNative({ folders, progress, verbose, env });
  } catch (error) {
    if (!(error instanceof NotPossible)) throw error;
    if (forcedEngine(env) === 'native') {
      throw new Error(`ESPALIER_ENGINE=native, but the native engine cannot be had: ${error.message}`, {
        cause: error,
      });
    }
    state = { engine: 'wasm', reason: error.message, tensorflow: null, tools: toolsText(env) };
  }
  state = { version: STATE_VERSION, platform: platformName(), at: Date.now(), ...state };
  writeJson(folders.engineFile, state);
  return state;
}

async function provideNative({ folders, progress, verbose, env }) {
  const platform = platformName();
  const wheel = wheelFor(platform);
  if (!wheel) {
    const known = Object.keys(TENSORFLOW.wheels).join(', ');
    throw new NotPossible(
      `there is no TensorFlow library for ${platform}; the native engine runs on ${known}`,
    );
  }
  if (libcName() !== wheel.libc)
    throw new NotPossible(`TensorFlow needs ${wheel.libc}, and this system has ${libcName()}`);
  const { found, missing } = findTools(env);

  await withLock(
    folders.cacheLock,
    async () => {
      removeLeftovers(folders.cacheTemp, isAlive);
      if (!libtensorflowInPlace(folders.tensorflow, wheel)) {
        if (!found.python3) throw new NotPossible(`missing: ${describeMissing(missing)}`);
        const seconds = downloadEstimateSeconds(wheel);
        await progress.step(`TensorFlow ${TENSORFLOW.version}, a download of 240 MB`, { seconds }, (report) =>
          provideLibtensorflow({ folders, wheel, python: found.python3, verbose, report }),
        );
      }
      if (!fs.existsSync(cachedAddon(folders))) await build();
    },
    { onWait: () => progress.note('waiting for another set-up that uses the same cache folder') },
  );
  linkAddon(folders);

  let proof = await prove().catch((error) => error);
  if (proof instanceof Error && missing.length === 0) {
    // The cached addon may come from another machine's compiler and C library: built here it may well load.
    progress.note('the addon that was in the cache does not work here; building it again');
    await withLock(folders.cacheLock, build);
    linkAddon(folders);
    proof = await prove().catch((error) => error);
  }
  if (proof instanceof Error) {
    throw new NotPossible(`the native engine failed its test, one training step: ${proof.message}`, {
      cause: proof,
    });
  }

  const { size, mtimeMs } = fs.statSync(folders.addon);
  const before = readJson(folders.engineFile);
  const provenOn = before?.engine === 'native' && before.addon.mtimeMs === mtimeMs ? before.provenOn : [];
  return {
    engine: 'native',
    reason: null,
    tensorflow: proof.tensorflow,
    tfjsNode: tfjsNodeVersion(folders),
    provenOn: [...new Set([...provenOn, process.version])],
    addon: { size, mtimeMs },
  };

  function build() {
    if (missing.length > 0) throw new NotPossible(`missing: ${describeMissing(missing)}`);
    return progress.step("tfjs-node's addon, compiled", { seconds: 15 }, () =>
      buildAddon({ folders, verbose }),
    );
  }

  function prove() {
    return progress.step('one training step as a test', { seconds: 1 }, () => proveEngine(folders.root));
  }
}

/** Runs one training step in a child process; @returns what it says of itself. Throws with its last lines. */
export async function proveEngine(root, execPath = process.execPath) {
  try {
    const output = await runChild(execPath, [PROOF], { cwd: root });
    return JSON.parse(output.trim().split('\n').at(-1));
  } catch (error) {
    if (!(error instanceof ChildFailed)) throw error;
    throw new Error(
      error.signal === 'SIGILL' ? 'this CPU lacks an instruction that TensorFlow uses (AVX)' : error.message,
      {
        cause: error,
      },
    );
  }
}

function tfjsNodeVersion(folders) {
  return readJson(path.join(folders.tfjsNode, 'package.json'))?.version ?? null;
}

/** Changes when a needed program appears or goes. */
function toolsText(env) {
  return Object.entries(findTools(env).found)
    .map(([name, file]) => `${name}=${file}`)
    .join(' ');
}
