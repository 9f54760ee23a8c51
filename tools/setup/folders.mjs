// Where set-up reads and writes. Nothing here touches the disk.

import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { NAPI_VERSION, TENSORFLOW, platformName } from './platforms.mjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The user's cache folder: outside the checkout, so that `npm ci` does not throw 680 MB away. */
export function cacheFolder(env = process.env) {
  if (env.ESPALIER_CACHE) return path.resolve(env.ESPALIER_CACHE);
  const base = env.XDG_CACHE_HOME || path.join(env.HOME || os.homedir(), '.cache');
  return path.join(base, 'espalier');
}

/** Paths of one checkout and one cache; made afresh for each use, so that tests can give their own. */
export function folders({ root = ROOT, env = process.env } = {}) {
  const cache = cacheFolder(env);
  const platform = platformName();
  const tfjsNode = path.join(root, 'node_modules/@tensorflow/tfjs-node');
  return {
    root,
    cache,
    cacheTemp: path.join(cache, 'tmp'),
    tensorflow: path.join(cache, 'tensorflow', `${TENSORFLOW.version}-${platform}`),
    addons: path.join(cache, 'addons'),
    nodeModules: path.join(root, 'node_modules'),
    state: path.join(root, 'node_modules/.espalier'),
    engineFile: path.join(root, 'node_modules/.espalier/engine.json'),
    /** Not in node_modules, which `npm ci` removes while the lock is held. */
    lock: path.join(root, '.espalier/setup.lock'),
    cacheLock: path.join(cache, 'setup.lock'),
    tfjsNode,
    addon: path.join(tfjsNode, `lib/napi-v${NAPI_VERSION}/tfjs_binding.node`),
  };
}
