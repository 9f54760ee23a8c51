/** NNCodec, zstd and xz, by peers.py in a virtual environment of their own: no PyTorch is needed for NNCodec's coder alone. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { ROOT } from '../places';
import { benchCache, must, pythonVenv } from '../python-peers';
import type { CoderRow } from './lossless';

/** NNCodec is built from its source: a C++ compiler is needed. What it requires beyond numpy is for training networks. */
const PACKAGES = [
  { spec: 'numpy==1.26.4', pipOptions: ['--only-binary=:all:'] },
  { spec: 'zstandard==0.25.0', pipOptions: ['--only-binary=:all:'] },
  { spec: 'nncodec==2.1.3', pipOptions: ['--no-deps'] },
] as const;

const SCRIPT = join(ROOT, 'tools/bench/src/coder/peers.py');

export interface QuantiserPoint {
  /** NNCodec's quantisation parameter: four to a doubling of the step. */
  readonly qp: number;
  /** 1: dependent (trellis-coded) quantisation. */
  readonly dq: 0 | 1;
  /** Its lambda_scale; 0 (its default) leaves the rate out of account. */
  readonly lambda: number;
}

export interface PeerPoint extends QuantiserPoint {
  readonly bytes: number;
  readonly squaredError: number;
  readonly seconds: number;
  /** The dequantised weights of all tensors, in the peers' folder. */
  readonly file: string;
}

export interface CoderPeers {
  lossless(
    folder: string,
    quick: boolean,
  ): Promise<Readonly<Record<'nncodec' | 'nncodec-best' | 'zstd' | 'xz', CoderRow>>>;
  /** FOLDER/points.json and weights.json are there. Weights that are not kept are not to be tested. */
  rateDistortion(folder: string, keepWeights: boolean): Promise<readonly PeerPoint[]>;
}

export async function installCoderPeers(): Promise<CoderPeers> {
  const python = await pythonVenv(benchCache('coder'), PACKAGES);
  return {
    lossless: async (folder, quick) => {
      const said = await must(python, [SCRIPT, 'lossless', folder, ...(quick ? ['quick'] : [])]);
      return JSON.parse(said) as Awaited<ReturnType<CoderPeers['lossless']>>;
    },
    rateDistortion: async (folder, keepWeights) =>
      (await must(python, [SCRIPT, 'rd', folder, ...(keepWeights ? ['keep'] : [])]))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as PeerPoint),
  };
}

export function readFloats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
