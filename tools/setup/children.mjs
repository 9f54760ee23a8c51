// Child processes that never outlive set-up: each leads a process group of its own, which is killed as a whole
// (npm, make and pip start others in turn).

import { spawn } from 'node:child_process';

const KEPT_OUTPUT_CHARACTERS = 16_000;
const running = new Set();

export class ChildFailed extends Error {
  constructor(command, { code, signal, output }) {
    const how = signal ? `was killed by ${signal}` : `ended with exit code ${code}`;
    super(`${command} ${how}${output.trim() ? `; its last lines:\n${lastLines(output, 25)}` : ''}`);
    this.code = code;
    this.signal = signal;
    this.output = output;
  }
}

/** Runs a program to its end; @returns what it wrote to stdout. Throws ChildFailed unless it exits with 0. */
export function runChild(command, args, { cwd, env = process.env, verbose = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let stdout = '';
    let output = '';
    const keep = (chunk) => {
      if (verbose) process.stderr.write(chunk);
      output = (output + chunk).slice(-KEPT_OUTPUT_CHARACTERS);
    };
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      keep(chunk);
    });
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      running.delete(child);
      reject(new Error(`${command} could not be started: ${error.message}`, { cause: error }));
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      if (code === 0) resolve(stdout);
      else reject(new ChildFailed(command, { code, signal, output }));
    });
  });
}

/** Hands the terminal to a program and @returns its exit code; signals that reach us are passed on. */
export function handOver(command, args, { cwd, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
    const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
      // A Ctrl-C in a terminal reaches the child from the terminal itself; twice would mean "at once".
      const pass = () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal));
      process.on(signal, pass);
      return [signal, pass];
    });
    const end = () => listeners.forEach(([signal, pass]) => process.removeListener(signal, pass));
    child.on('error', (error) => (end(), reject(error)));
    child.on('close', (code, signal) => (end(), resolve(code ?? 128 + signalNumber(signal))));
  });
}

/** Ends every child's group; to be called before the process leaves on a signal. */
export function killChildren(signal = 'SIGTERM') {
  for (const child of running) {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended by itself in the meantime.
    }
  }
}

export function signalNumber(signal) {
  return { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 1;
}

function lastLines(text, count) {
  return text
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => `    ${line}`)
    .join('\n');
}
