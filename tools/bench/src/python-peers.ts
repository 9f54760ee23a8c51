/** Peers from PyPI in virtual environments under the user's cache: made once, by the bench that needs them; no dependency of Espalier. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { endingWithUs } from './children';
import { benchError } from './errors';

export interface PythonPackage {
  /** `name==version`. */
  readonly spec: string;
  readonly pipOptions?: readonly string[];
  /** In place of `pip install`. */
  install?(python: string): Promise<void>;
}

/** Makes `FOLDER/venv`, with the packages in it, unless it is there; returns its Python. */
export async function pythonVenv(folder: string, packages: readonly PythonPackage[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const python = join(folder, 'venv/bin/python');
  await once(join(folder, 'venv.json'), ['venv'], async () => {
    rmSync(join(folder, 'venv'), { recursive: true, force: true });
    await must('python3', ['-m', 'venv', join(folder, 'venv')]);
  });
  for (const { spec, pipOptions = [], install } of packages) {
    await once(join(folder, `${spec.replace('==', '-')}.json`), [spec], () =>
      install ? install(python) : pipInstall(python, [...pipOptions, spec]),
    );
  }
  return python;
}

/** @throws BENCH_CHILD */
export async function pipInstall(python: string, args: readonly string[]): Promise<void> {
  await must(python, ['-m', 'pip', 'install', '--quiet', ...args]);
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
export async function once(
  marker: string,
  wanted: readonly string[],
  install: () => Promise<unknown>,
): Promise<void> {
  const text = JSON.stringify(wanted);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === text) return;
  await install();
  writeFileSync(marker, text);
}

export interface PeerOutput {
  /** Null after a signal. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Its end is waited for, not blocked upon: a bench that is told to stop must hear it. */
export async function runPeer(command: string, args: readonly string[], cwd?: string): Promise<PeerOutput> {
  // Spinning threads of one peer must not take the processor from the next call of another; a machine may set an old
  // BLAS kernel for the sake of old programs.
  const env = { ...process.env, OMP_WAIT_POLICY: 'PASSIVE', NODE_OPTIONS: '' };
  delete (env as NodeJS.ProcessEnv)['OPENBLAS_CORETYPE'];
  const child = endingWithUs(spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd }));
  const [stdout, stderr]: Buffer[][] = [[], []];
  child.stdout.on('data', (part: Buffer) => stdout.push(part));
  child.stderr.on('data', (part: Buffer) => stderr.push(part));
  const status = await new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      stderr.push(Buffer.from(`${error.message}\n`));
      resolve(null);
    });
    child.on('close', resolve);
  });
  return { status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** @throws BENCH_CHILD */
export async function must(command: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runPeer(command, args);
  if (status === 0) return stdout;
  process.stderr.write(stderr);
  throw benchError('BENCH_CHILD', { command: [command, ...args].join(' '), how: `exit code ${status}` });
}
