/** The same symbols through every coder: bytes, and seconds to encode and to decode. */
import {
  decodeArtifact,
  encodeArtifact,
  normaliseShared,
  type ArtifactOptions,
  type SharedTensor,
} from '@espalier/encoding';
import { checkNetwork, type NetworkSpec } from '@espalier/models';
import { bytesOf } from '@espalier/tensor';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { benchError } from '../errors';
import type { Kernel, PrunedNetwork } from './networks';
import type { CoderPeers } from './peers';
import { plainForms, symbolsOf, type PlainForm, type SymbolTensor } from './symbols';

export const CODERS = ['espalier', 'nncodec', 'nncodec-best', 'dc16', 'zstd', 'xz', 'brotli'] as const;
export type Coder = (typeof CODERS)[number];

export interface CoderRow {
  readonly bytes: number;
  readonly encodeSeconds: number;
  readonly decodeSeconds: number;
  /** Of a general compressor: the plain form that came out shortest. */
  readonly form?: string;
  /** Of NNCodec's best: what was chosen for each tensor. */
  readonly options?: readonly Readonly<Record<string, unknown>>[];
}

export interface LosslessRows {
  readonly weights: number;
  /** Symbols that are not 0. */
  readonly kept: number;
  readonly rows: Readonly<Record<Coder, CoderRow>>;
}

/** `quick` tries fewer of NNCodec's settings. */
export async function measureLossless(
  item: PrunedNetwork,
  { peers, folder, quick }: { readonly peers: CoderPeers; readonly folder: string; readonly quick: boolean },
): Promise<LosslessRows> {
  const tensors = item.kernels.map(symbolsOf);
  const forms = plainForms(tensors, item.large ?? false);
  writeForPeers(tensors, forms, folder);
  const theirs = await peers.lossless(folder, quick);
  // Ours says the step of each tensor, without which whole numbers are no weights; so must the others.
  const withSteps = (row: CoderRow): CoderRow => ({ ...row, bytes: row.bytes + STEP_BYTES * tensors.length });
  return {
    weights: tensors.reduce((sum, { symbols }) => sum + symbols.length, 0),
    kept: tensors.reduce((sum, { symbols }) => sum + countKept(symbols), 0),
    rows: {
      espalier: espalier(tensors),
      dc16: dc16(tensors),
      brotli: withSteps(brotli(forms)),
      nncodec: withSteps(theirs.nncodec),
      'nncodec-best': withSteps(theirs['nncodec-best']),
      zstd: withSteps(theirs.zstd),
      xz: withSteps(theirs.xz),
    },
  };
}

function writeForPeers(tensors: readonly SymbolTensor[], forms: readonly PlainForm[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  const listing = tensors.map(({ kernel, symbols }, i) => {
    const file = `symbols-${i}.bin`;
    writeFileSync(join(folder, file), bytesOf(symbols));
    return { name: kernel.name, file, shape: kernel.shape };
  });
  writeFileSync(join(folder, 'symbols.json'), JSON.stringify(listing));
  const plain = forms.map(({ form, bytes }, i) => {
    const file = `plain-${i}.bin`;
    writeFileSync(join(folder, file), bytes);
    return { form, file };
  });
  writeFileSync(join(folder, 'plain.json'), JSON.stringify(plain));
}

/** The streams of all tensors, with the step of each; biases and the file's header are left out, as they are with the peers. */
function espalier(tensors: readonly SymbolTensor[]): CoderRow {
  return coded(tensors, { codings: ['arithmetic'] });
}

/** DC16's gaps of 5 bits or of 8, whichever is shorter, then Huffman; instead of the codebook, its step. */
function dc16(tensors: readonly SymbolTensor[]): CoderRow {
  const rows = tensors.map((tensor) =>
    GAP_BITS_TRIED.map((gapBits) => coded([tensor], { codings: ['huffman-index'], gapBits })).reduce(
      (best, row) => (row.bytes < best.bytes ? row : best),
    ),
  );
  const sum = (of: (row: CoderRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    bytes: sum(({ bytes }) => bytes),
    encodeSeconds: sum(({ encodeSeconds }) => encodeSeconds),
    decodeSeconds: sum(({ decodeSeconds }) => decodeSeconds),
  };
}

const GAP_BITS_TRIED = [5, 8] as const;
const STEP_BYTES = 4;

function coded(tensors: readonly SymbolTensor[], options: ArtifactOptions): CoderRow {
  // Every coder gets the numbers as it takes them.
  const shared = tensors.map(sharedTensor);
  const start = performance.now();
  const file = encodeArtifact({ network: CARRIER, tensors: shared, options });
  const middle = performance.now();
  decodeArtifact(file.bytes);
  const end = performance.now();
  const huffman = options.codings?.includes('huffman-index') ?? false;
  return {
    bytes: file.tensors.reduce(
      (sum, { bytes, breakdown }) =>
        sum + (huffman ? Math.ceil(bytes - breakdown.codebook) + STEP_BYTES : bytes),
      0,
    ),
    encodeSeconds: (middle - start) / 1000,
    decodeSeconds: (end - middle) / 1000,
  };
}

/** An artifact names a network; what is coded here are kernels alone. */
export const CARRIER: NetworkSpec = checkNetwork({
  name: 'kernels',
  input: [1],
  layers: [{ type: 'dense', name: 'none', units: 1, bias: false }],
});

function sharedTensor({ kernel, symbols, step }: SymbolTensor): SharedTensor {
  return sharedFromSymbols(kernel, symbols, step);
}

/** Symbols in the form that the encoder takes. */
export function sharedFromSymbols(kernel: Kernel, symbols: Int32Array, step: number): SharedTensor {
  const most = symbols.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  const codebook = new Float32Array(2 * most);
  for (let multiple = 1; multiple <= most; multiple++) {
    codebook[most - multiple] = Math.fround(-multiple * step);
    codebook[most + multiple - 1] = Math.fround(multiple * step);
  }
  const codes = new Uint16Array(symbols.length);
  for (let i = 0; i < codes.length; i++) {
    if (symbols[i] !== 0) codes[i] = symbols[i] < 0 ? most + 1 + symbols[i] : most + symbols[i];
  }
  const { name, shape, image } = kernel;
  const form = { kind: 'shared', name, shape, step, ...(image && { layout: { image } }) } as const;
  return { ...form, ...normaliseShared({ codes, codebook }) };
}

/** Its quality 11, the whole file as its window. */
function brotli(forms: readonly PlainForm[]): CoderRow {
  return forms
    .map(({ form, bytes }) => {
      const start = performance.now();
      const packed = brotliCompressSync(bytes, { params: BROTLI });
      const middle = performance.now();
      const back = brotliDecompressSync(packed);
      const end = performance.now();
      if (!back.equals(bytes))
        throw benchError('BENCH_CHILD', { command: 'brotli', how: 'another file than it was given' });
      return {
        form,
        bytes: packed.length,
        encodeSeconds: (middle - start) / 1000,
        decodeSeconds: (end - middle) / 1000,
      };
    })
    .reduce((best, row) => (row.bytes < best.bytes ? row : best));
}

const BROTLI = {
  [constants.BROTLI_PARAM_QUALITY]: 11,
  [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
};

function countKept(symbols: Int32Array): number {
  let kept = 0;
  for (let i = 0; i < symbols.length; i++) if (symbols[i] !== 0) kept++;
  return kept;
}
