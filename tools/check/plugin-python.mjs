// The Python for the suite `python`: a virtual environment in the user's cache with what the example plugin needs from PyPI. Made once;
// afterwards no network is needed.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const PACKAGES = ['msgpack==1.1.2', 'websockets==15.0.1'];

/** @returns {file: the Python} or {problem: why there is none, for people to read} */
export function pluginPython({ env = process.env, run = runs } = {}) {
  const folder = path.join(cacheFolder(env), 'plugins/python-example');
  const [venv, marker] = [path.join(folder, 'venv'), path.join(folder, 'packages.json')];
  const file = path.join(venv, 'bin/python');
  const wanted = JSON.stringify(PACKAGES);
  if (fs.existsSync(marker) && fs.readFileSync(marker, 'utf8') === wanted) return { file };
  fs.mkdirSync(folder, { recursive: true });
  if (!run('python3', ['-m', 'venv', '--clear', venv])) {
    return {
      problem: 'there is no Python that makes a virtual environment (Debian: apt-get install python3-venv)',
    };
  }
  if (!run(file, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES])) {
    return { problem: `${PACKAGES.join(' and ')} cannot be had from PyPI` };
  }
  fs.writeFileSync(marker, wanted);
  return { file };
}

/** As tools/setup has it. */
function cacheFolder(env) {
  if (env.ESPALIER_CACHE) return path.resolve(env.ESPALIER_CACHE);
  return path.join(env.XDG_CACHE_HOME || path.join(env.HOME || os.homedir(), '.cache'), 'espalier');
}

function runs(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
