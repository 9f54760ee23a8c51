// tfjs-node's addon: built once with node-gyp, kept in the cache folder, copied into node_modules. It speaks N-API,
// so one build serves every version of Node.

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { ChildFailed, runChild } from './children.mjs';
import { copyAtomically, linkAtomically, makeTempFolder, readJson, sha256OfText } from './files.mjs';
import { NotPossible } from './libtensorflow.mjs';
import { NAPI_VERSION, NODE_HEADERS, TENSORFLOW, platformName } from './platforms.mjs';
import { describeMissing, nodeHeadersFolder } from './tools.mjs';

/** The addon's file in the cache: named after everything that goes into it. */
export function cachedAddon(folders) {
  const version = readJson(path.join(folders.tfjsNode, 'package.json'))?.version ?? 'unknown';
  const sources = sha256OfText(bindingSources(folders.tfjsNode)).slice(0, 12);
  const key = `tfjs-node-${version}-${sources}-tensorflow-${TENSORFLOW.version}-${platformName()}-napi-${NAPI_VERSION}`;
  return path.join(folders.addons, key, 'tfjs_binding.node');
}

/** Puts the cached addon and the libraries where tfjs-node looks for them: lib/napi-v8, deps/lib, deps/include. */
export function linkAddon(folders) {
  linkAtomically(path.join(folders.tensorflow, 'lib'), path.join(folders.tfjsNode, 'deps/lib'));
  linkAtomically(path.join(folders.tensorflow, 'include'), path.join(folders.tfjsNode, 'deps/include'));
  copyAtomically(cachedAddon(folders), folders.addon);
}

/** Builds the addon in a folder of its own, beside a copy of its sources, and moves it into the cache. */
export async function buildAddon({ folders, verbose }) {
  const headers = nodeHeadersFolder();
  if (!headers) throw new NotPossible(`missing: ${describeMissing([NODE_HEADERS])}`);
  const temp = makeTempFolder(folders.cacheTemp, 'addon');
  try {
    fs.copyFileSync(path.join(folders.tfjsNode, 'binding.gyp'), path.join(temp, 'binding.gyp'));
    fs.cpSync(path.join(folders.tfjsNode, 'binding'), path.join(temp, 'binding'), { recursive: true });
    linkAtomically(path.join(folders.tensorflow, 'lib'), path.join(temp, 'deps/lib'));
    linkAtomically(path.join(folders.tensorflow, 'include'), path.join(temp, 'deps/include'));
    const built = path.join(temp, 'built');
    const args = [
      nodeGyp(folders.root),
      'rebuild',
      `--nodedir=${headers}`,
      `--devdir=${path.join(temp, 'devdir')}`,
    ];
    args.push('--module_name=tfjs_binding', `--module_path=${built}`, `--napi_build_version=${NAPI_VERSION}`);
    await runChild(process.execPath, args, {
      cwd: temp,
      env: { ...process.env, npm_config_jobs: 'max' },
      verbose,
    });
    copyAtomically(path.join(built, 'tfjs_binding.node'), cachedAddon(folders));
  } catch (error) {
    if (!(error instanceof ChildFailed)) throw error;
    throw new NotPossible(`tfjs-node's addon could not be built: ${error.message}`, { cause: error });
  } finally {
    fs.rmSync(temp, { recursive: true, force: true });
  }
}

function nodeGyp(root) {
  return createRequire(path.join(root, 'package.json')).resolve('node-gyp/bin/node-gyp.js');
}

function bindingSources(tfjsNode) {
  const folder = path.join(tfjsNode, 'binding');
  if (!fs.existsSync(folder)) return '';
  const files = fs
    .readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name));
  return [path.join(tfjsNode, 'binding.gyp'), ...files]
    .map((file) => fs.readFileSync(file, 'utf8'))
    .join('\0');
}
