/** Gets the peers from their registries into the cache, and runs them: they are no dependency of Espalier. */
import { join } from 'node:path';
import { benchError } from '../errors';
import { CHILD_LOADER, ROOT } from '../places';
import { benchCache, must, once, pipInstall, pythonVenv, runPeer, type PythonPackage } from '../python-peers';
import type { Timed } from './time-calls';

const WHEELS = ['--only-binary=:all:'];
const TORCH = 'torch==2.9.1';
/** Python 3.10 to 3.13. numpy comes with scipy. */
const PYTHON_PEERS: readonly PythonPackage[] = [
  { spec: 'scipy==1.15.3', pipOptions: WHEELS },
  { spec: 'onnx==1.19.1', pipOptions: WHEELS },
  { spec: TORCH, install: installTorch },
];

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
  writeOnnx(folder: string): Promise<void>;
  /** Undefined where the peer has no such layer. */
  time(call: PeerCall): Promise<PeerTime | undefined>;
}

/** A Python with torch, scipy and onnx. Installs what is missing; a second time it is there. */
export function peerPython(): Promise<string> {
  return pythonVenv(benchCache('inference'), PYTHON_PEERS);
}

/** Without what only GPUs need; where that does not work, with it. */
async function installTorch(python: string): Promise<void> {
  await pipInstall(python, [...WHEELS, ...TORCH_NEEDS]);
  await pipInstall(python, [...WHEELS, '--no-deps', TORCH]);
  const { status } = await runPeer(python, [join(ROOT, 'tools/bench/src/inference/torch_without_cuda.py')]);
  if (status === 0) return;
  await pipInstall(python, [...WHEELS, '--force-reinstall', TORCH]);
}

/** Installs what is missing; a second time it is there. */
export async function installPeers(): Promise<Peers> {
  const folder = benchCache('inference');
  const python = await peerPython();
  const node = join(folder, 'node');
  await once(join(folder, 'node.json'), NODE_PEERS, async () => {
    // The CPU's library lies in the package; its install script would only look for more.
    await must('npm', [
      'install',
      '--prefix',
      node,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      ...NODE_PEERS,
    ]);
  });
  const onnx = join(node, 'node_modules/onnxruntime-node');
  return {
    writeOnnx: async (caseFolder) => void (await must(python, [SCRIPT, 'onnx', caseFolder])),
    async time({ peer, folder: caseFolder, batch, threads, seconds }) {
      const rest = [caseFolder, String(batch), String(threads), String(seconds)];
      if (peer === 'onnxruntime-node') {
        const script = join(ROOT, 'tools/bench/src/inference/onnx-peer.ts');
        return JSON.parse(await must(process.execPath, [CHILD_LOADER, script, onnx, ...rest])) as PeerTime;
      }
      const { status, stdout, stderr } = await runPeer(python, [SCRIPT, 'time', peer, ...rest]);
      if (status === 0) return JSON.parse(stdout) as PeerTime;
      if (stderr.startsWith('SciPy has no') || stderr.startsWith('the peers have no')) return undefined;
      process.stderr.write(stderr);
      throw benchError('BENCH_CHILD', { command: `${peer} (peers.py)`, how: `exit code ${status}` });
    },
  };
}
