/** What the page shows of a file: small enough to pass between threads, whatever the network's size. Pure. */
import type { DecodedArtifact } from '@espalier/encoding';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { maskOfValues, type MaskPicture } from '../masks/mask-picture';

export interface OpenedFile {
  readonly version: number;
  readonly network: NetworkSpec;
  readonly bytes: number;
  readonly headerBytes: number;
  /** As float32, of the network in the file. */
  readonly denseBytes: number;
  /** Kernels only. */
  readonly weights: { readonly total: number; readonly kept: number };
  readonly tensors: readonly OpenedTensor[];
}

export interface OpenedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: number;
  readonly kept: number;
  readonly coding: string;
  /** Of a code; absent where values are not shared. */
  readonly bits?: number;
  readonly bytes: number;
  /** Of kernels. */
  readonly mask?: MaskPicture;
  readonly codebook?: Codebook;
}

export interface Codebook {
  /** Ascending. */
  readonly centroids: readonly number[];
  /** Weights of each. */
  readonly counts: readonly number[];
}

/** A codebook of more values than this would be a black bar. */
const MOST_LEVELS = 256;

export function openedFile(
  bytes: number,
  { version, network, tensors, shared, summaries, headerBytes }: DecodedArtifact,
): OpenedFile {
  const kernels = new Set(parametersOf(network).flatMap(({ name, prunable }) => (prunable ? [name] : [])));
  const opened = summaries.map(({ name, shape, coding, bytes: coded, levels, kept }): OpenedTensor => {
    const values = tensors.get(name)?.data as Float32Array;
    const codes = shared.get(name);
    return {
      name,
      shape,
      values: values.length,
      kept,
      coding,
      ...(levels > 0 && { bits: Math.ceil(Math.log2(Math.max(2, levels))) }),
      bytes: coded,
      ...(kernels.has(name) && { mask: maskOfValues(name, shape, values) }),
      ...(codes && codes.codebook.length <= MOST_LEVELS && { codebook: codebookOf(codes) }),
    };
  });
  const sum = (of: readonly OpenedTensor[], what: 'values' | 'kept'): number =>
    of.reduce((total, tensor) => total + tensor[what], 0);
  const pruned = opened.filter(({ name }) => kernels.has(name));
  return {
    version,
    network,
    bytes,
    headerBytes,
    denseBytes: 4 * sum(opened, 'values'),
    weights: { total: sum(pruned, 'values'), kept: sum(pruned, 'kept') },
    tensors: opened,
  };
}

/** Networks that a drawn digit can be given to. */
export function readsDigits({ input, layers }: NetworkSpec): boolean {
  const last = layers.at(-1);
  const classes = last?.type === 'dense' ? last.units : 0;
  return classes === 10 && input.reduce((size, axis) => size * axis, 1) === 784 && (input[2] ?? 1) === 1;
}

/** Of logits; sums to 1. */
export function softmax(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits);
  const largest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function codebookOf({ codes, codebook }: { codes: Uint16Array; codebook: Float32Array }): Codebook {
  const counts = new Array<number>(codebook.length).fill(0);
  for (const code of codes) if (code > 0) counts[code - 1]++;
  return { centroids: [...codebook], counts };
}
