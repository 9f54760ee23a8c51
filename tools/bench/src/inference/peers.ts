/** Gets the peers from their registries into the cache, and runs them: they are no dependency of Espalier. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { benchError } from '../errors';
import { CHILD_LOADER, ROOT } from '../places';
import type { Timed } from './time-calls';

/** Python 3.10 to 3.13. numpy comes with scipy. */
const TORCH = 'torch==2.9.1';
const PYTHON_PEERS = ['scipy==1.15.3', 'onnx==1.19.1', TORCH];

/** What torch needs on the CPU; besides, it asks for 5 GB of NVIDIA's libraries and for Triton. */
const TORCH_NEEDS = ['filelock', 'fsspec', 'jinja2', 'networkx', 'setuptools', 'sympy', 'typing-extensions'];
const NODE_PEERS = ['onnxruntime-node@1.30.0'];

export const PEERS = ['onnxruntime-node', 'torch', 'scipy'] as const;
export type Peer = (typeof PEERS)[number];

export interface PeerTime extends Timed {
  readonly version: string;
  /** Largest difference between its logits and ours, relative to the largest logit. */
  readonly difference: number;
}

export interface PeerCall {
  readonly peer: Peer;
  readonly folder: string;
  readonly batch: number;
  readonly threads: number;
  readonly seconds: number;
}

const SCRIPT = join(ROOT, 'tools/bench/src/inference/peers.py');

export interface Peers {
  writeOnnx(folder: string): void;
  /** Undefined where the peer has no such layer. */
  time(call: PeerCall): PeerTime | undefined;
}

/** A Python with torch, scipy and onnx. Installs what is missing; a second time it is there. */
export function peerPython(folder: string = peersFolder()): string {
  const python = join(folder, 'venv/bin/python');
  once(join(folder, 'venv.json'), ['venv'], () => {
    rmSync(join(folder, 'venv'), { recursive: true, force: true });
    must('python3', ['-m', 'venv', join(folder, 'venv')]);
  });
  for (const peer of PYTHON_PEERS) {
    const marker = join(folder, `${peer.replace('==', '-')}.json`);
    once(marker, [peer], () => (peer === TORCH ? installTorch(python) : install(python, [peer])));
  }
  return python;
}

/** Without what only GPUs need; where that does not work, with it. */
function installTorch(python: string): void {
  install(python, TORCH_NEEDS);
  install(python, ['--no-deps', TORCH]);
  if (run(python, [join(ROOT, 'tools/bench/src/inference/torch_without_cuda.py')]).status === 0) return;
  install(python, ['--force-reinstall', TORCH]);
}

function install(python: string, packages: readonly string[]): void {
  must(python, ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', ...packages]);
}

/** Installs what is missing; a second time it is there. */
export function installPeers(): Peers {
  const folder = peersFolder();
  const python = peerPython(folder);
  const node = join(folder, 'node');
  once(join(folder, 'node.json'), NODE_PEERS, () => {
    // The CPU's library lies in the package; its install script would only look for more.
    must('npm', ['install', '--prefix', node, '--ignore-scripts', '--no-audit', '--no-fund', ...NODE_PEERS]);
  });
  const onnx = join(node, 'node_modules/onnxruntime-node');
  return {
    writeOnnx: (caseFolder) => void must(python, [SCRIPT, 'onnx', caseFolder]),
    time({ peer, folder: caseFolder, batch, threads, seconds }) {
      const rest = [caseFolder, String(batch), String(threads), String(seconds)];
      if (peer === 'onnxruntime-node') {
        const script = join(ROOT, 'tools/bench/src/inference/onnx-peer.ts');
        return JSON.parse(must(process.execPath, [CHILD_LOADER, script, onnx, ...rest])) as PeerTime;
      }
      const { status, stdout, stderr } = run(python, [SCRIPT, 'time', peer, ...rest]);
      if (status === 0) return JSON.parse(stdout) as PeerTime;
      if (stderr.startsWith('SciPy has no') || stderr.startsWith('the peers have no')) return undefined;
      process.stderr.write(stderr);
      throw benchError('BENCH_CHILD', { command: `${peer} (peers.py)`, how: `exit code ${status}` });
    },
  };
}

function peersFolder(): string {
  const folder = join(cacheFolder(), 'bench/inference');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** As tools/setup has it. */
function cacheFolder(): string {
  const { ESPALIER_CACHE, XDG_CACHE_HOME, HOME } = process.env;
  if (ESPALIER_CACHE) return resolve(ESPALIER_CACHE);
  return join(XDG_CACHE_HOME ?? join(HOME ?? homedir(), '.cache'), 'espalier');
}

/** `install`, unless `marker` says that exactly this has been installed. */
function once(marker: string, wanted: readonly string[], install: () => unknown): void {
  const text = JSON.stringify(wanted);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a file of ours
  if (existsSync(marker) && JSON.stringify(require(marker)) === text) return;
  install();
  writeFileSync(marker, text);
}

function run(
  command: string,
  args: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  // Spinning threads of one peer must not take the processor from the next call of another; a machine may set an old
  // BLAS kernel for the sake of old programs.
  const env = { ...process.env, OMP_WAIT_POLICY: 'PASSIVE', NODE_OPTIONS: '' };
  delete (env as NodeJS.ProcessEnv)['OPENBLAS_CORETYPE'];
  return spawnSync(command, args, { encoding: 'utf8', env, maxBuffer: 2 ** 26 });
}

function must(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = run(command, args);
  if (status === 0) return stdout;
  process.stderr.write(stderr);
  throw benchError('BENCH_CHILD', { command: [command, ...args].join(' '), how: `exit code ${status}` });
}
