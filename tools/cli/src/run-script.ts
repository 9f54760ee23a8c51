/** Runs a script as a process of its own, in this one's terminal. */
import { spawn } from 'node:child_process';
import { EXIT } from './command';
import { CHILD_LOADER } from './installation';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Waits for the script's end, whatever this process is told meanwhile: a signal goes on to the script, which ends its own
 * children first. (The terminal's Ctrl-C reaches the script by itself, too.)
 *
 * @returns its exit code
 */
export async function runScript(script: string, args: readonly string[]): Promise<number> {
  const loader = script.endsWith('.ts') ? [CHILD_LOADER] : [];
  const child = spawn(process.execPath, [...loader, script, ...args], { stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, pass);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code ?? (isStop(signal) ? EXIT.interrupted : EXIT.failed)));
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}

function isStop(signal: NodeJS.Signals | null): boolean {
  return (SIGNALS as readonly (string | null)[]).includes(signal);
}
