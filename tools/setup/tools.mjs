// The programs that the native engine needs: python3 with pip, make, a C++ compiler, and Node's headers.

import fs from 'node:fs';
import path from 'node:path';
import { NEEDED_TOOLS } from './platforms.mjs';

/** @returns the program's full path, or undefined; looks along PATH without starting anything. */
export function findProgram(commands, env = process.env) {
  for (const command of commands) {
    for (const folder of (env.PATH ?? '').split(path.delimiter)) {
      const file = path.join(folder, command);
      try {
        fs.accessSync(file, fs.constants.X_OK);
        if (fs.statSync(file).isFile()) return file;
      } catch {
        continue;
      }
    }
  }
  return undefined;
}

/** @returns {found: {name: path}, missing: rows of NEEDED_TOOLS}. */
export function findTools(env = process.env) {
  const found = {};
  const missing = [];
  for (const tool of NEEDED_TOOLS) {
    const file = findProgram(tool.commands, env);
    if (file) found[tool.name] = file;
    else missing.push(tool);
  }
  return { found, missing };
}

/** "make, g++ (Debian: apt-get install make g++)" */
export function describeMissing(tools) {
  const names = tools.map((tool) => tool.name).join(', ');
  return `${names} (on Debian: apt-get install ${tools.map((tool) => tool.debian).join(' ')})`;
}

/** @returns the folder that node-gyp takes as --nodedir: it has include/node/node_api.h. Or undefined. */
export function nodeHeadersFolder({ execPath = process.execPath, env = process.env } = {}) {
  const candidates = [path.resolve(fs.realpathSync(execPath), '../..'), env.npm_config_nodedir, '/usr'];
  return candidates.find((folder) => folder && fs.existsSync(path.join(folder, 'include/node/node_api.h')));
}

/** TensorFlow's Linux wheels are built for glibc; on musl (Alpine) they do not load. */
export function libcName() {
  if (process.platform !== 'linux') return 'other';
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
}
