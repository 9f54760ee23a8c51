/** Peers from PyPI in virtual environments under the user's cache: made once, by the bench that needs them; no dependency of Espalier. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { benchError } from './errors';

export interface PythonPackage {
  /** `name==version`. */
  readonly spec: string;
  readonly pipOptions?: readonly string[];
  /** In place of `pip install`. */
  install?(python: string): void;
}

/** Makes `FOLDER/venv`, with the packages in it, unless it is there; returns its Python. */
export function pythonVenv(folder: string, packages: readonly PythonPackage[]): string {
  mkdirSync(folder, { recursive: true });
  const python = join(folder, 'venv/bin/python');
  once(join(folder, 'venv.json'), ['venv'], () => {
    rmSync(join(folder, 'venv'), { recursive: true, force: true });
    must('python3', ['-m', 'venv', join(folder, 'venv')]);
  });
  for (const { spec, pipOptions = [], install } of packages) {
    once(join(folder, `${spec.replace('==', '-')}.json`), [spec], () =>
      install ? install(python) : pipInstall(python, [...pipOptions, spec]),
    );
  }
  return python;
}

/** @throws BENCH_CHILD */
export function pipInstall(python: string, args: readonly string[]): void {
  must(python, ['-m', 'pip', 'install', '--quiet', ...args]);
}

/** A folder of the benches in the user's cache; as tools/setup has it. */
export function benchCache(name: string): string {
  const { ESPALIER_CACHE, XDG_CACHE_HOME, HOME } = process.env;
  const cache = ESPALIER_CACHE
    ? resolve(ESPALIER_CACHE)
    : join(XDG_CACHE_HOME ?? join(HOME ?? homedir(), '.cache'), 'espalier');
  return join(cache, 'bench', name);
}

/** `install`, unless `marker` says that exactly this has been installed. */
export function once(marker: string, wanted: readonly string[], install: () => unknown): void {
  const text = JSON.stringify(wanted);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === text) return;
  install();
  writeFileSync(marker, text);
}

export interface PeerOutput {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function runPeer(command: string, args: readonly string[]): PeerOutput {
  // Spinning threads of one peer must not take the processor from the next call of another; a machine may set an old
  // BLAS kernel for the sake of old programs.
  const env = { ...process.env, OMP_WAIT_POLICY: 'PASSIVE', NODE_OPTIONS: '' };
  delete (env as NodeJS.ProcessEnv)['OPENBLAS_CORETYPE'];
  return spawnSync(command, args, { encoding: 'utf8', env, maxBuffer: 2 ** 26 });
}

/** @throws BENCH_CHILD */
export function must(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = runPeer(command, args);
  if (status === 0) return stdout;
  process.stderr.write(stderr);
  throw benchError('BENCH_CHILD', { command: [command, ...args].join(' '), how: `exit code ${status}` });
}
