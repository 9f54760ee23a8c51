/** The program itself, as a process of its own: what a bench measures is what a person gets. */
import { spawn } from 'node:child_process';
import type { Report } from '@espalier/stages';
import { endingWithUs } from './children';
import { benchError } from './errors';
import { CLI_SCRIPT, ROOT } from './places';

/** What `espalier run --json` prints. */
export interface RunOutput extends Report {
  /** The run's folder. */
  readonly folder: string;
}

/** What `espalier eval --json` prints, as far as benches read it. */
export interface EvalOutput {
  readonly count: number;
  readonly error: number;
}

export interface EspalierOptions {
  onStart?(pid: number): void;
}

/** Runs `espalier ARGS --json` and gives its output. Its progress goes to this process's stderr. @throws BENCH_CHILD */
export function espalier<T>(args: readonly string[], options: EspalierOptions = {}): Promise<T> {
  // Into a file or pipe, one line a second for hours is noise.
  const quiet = args[0] === 'run' && !process.stderr.isTTY ? ['--quiet'] : [];
  const child = endingWithUs(
    spawn(process.execPath, [CLI_SCRIPT, ...args, ...quiet, '--json'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(JSON.parse(Buffer.concat(parts).toString()) as T);
      const command = ['espalier', ...args].join(' ');
      reject(benchError('BENCH_CHILD', { command, how: signal ?? `code ${code}` }));
    });
  });
}
