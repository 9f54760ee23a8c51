// Runs the tools that the checks are made of.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './say.mjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const running = new Set();

/**
 * Runs a Node program; @returns {code, signal, stdout, output}, output being all that it wrote, which is also shown
 * unless `quiet`.
 */
export function runNode(args, { quiet = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      // A group of its own, so that its workers end with it.
      detached: true,
      env: { ...process.env, NX_DAEMON: 'false', CI: 'true', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    const chunks = [];
    const stdout = [];
    child.stdout.on('data', (chunk) => stdout.push(chunk));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        chunks.push(chunk);
        if (!quiet) say(chunk);
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({
        code,
        signal,
        stdout: Buffer.concat(stdout).toString(),
        output: Buffer.concat(chunks).toString(),
      });
    });
  });
}

export function killRunning() {
  for (const child of running) {
    try {
      process.kill(-child.pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
  }
}

/** The file that a package's command runs, such as packageProgram('jest', 'bin/jest.js'). */
export function packageProgram(name, file) {
  return path.join(ROOT, 'node_modules', name, file);
}
