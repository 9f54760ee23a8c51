/** Kernels of convolutions and of dense layers in the forms that `tiles.ts` reads. */
import { ENTRIES_TOGETHER, type DenseOutputs, type SparseOutputs } from './tiles';

/** Weights [groups of outputs][...]: a matrix whose row k is what is read at `offsets[k]`, for all outputs. */
export interface WeightMatrix {
  /** [inputs of a group, outputs], row-major */
  readonly kernel: Float32Array;
  readonly outputs: number;
  readonly groups: number;
  /** Bytes, of each input of a group. */
  readonly offsets: Uint32Array;
  /** Bytes from the inputs of a group to those of the next. */
  readonly groupStep: number;
}

/** Fillers have the offset of an input that the output reads anyway, and the weight 0. */
export function sparseOutputs({ kernel, outputs, groups, offsets, groupStep }: WeightMatrix): SparseOutputs {
  const inputs = offsets.length;
  const starts = new Uint32Array(outputs + 1);
  for (let i = 0, at = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++, at++) if (kernel[at] !== 0) starts[o + 1]++;
  }
  for (let o = 0; o < outputs; o++)
    starts[o + 1] = starts[o] + ENTRIES_TOGETHER * Math.ceil(starts[o + 1] / ENTRIES_TOGETHER);
  const entries = new Uint32Array(2 * starts[outputs]);
  const values = new Float32Array(entries.buffer);
  const next = starts.slice();
  const groupOutputs = outputs / groups;
  for (let i = 0, at = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++, at++) {
      if (kernel[at] === 0) continue;
      const entry = 2 * next[o]++;
      entries[entry] = offsets[i] + groupStep * Math.floor(o / groupOutputs);
      values[entry + 1] = kernel[at];
    }
  }
  for (let o = 0; o < outputs; o++) {
    for (const end = starts[o + 1]; next[o] < end; next[o]++) entries[2 * next[o]] = entries[2 * starts[o]];
  }
  return { starts, entries };
}

/** A block lies in one group; without groups the last one is filled up with outputs that are 0. */
export function denseOutputs({ kernel, outputs, groups, offsets, groupStep }: WeightMatrix): DenseOutputs {
  const inputs = offsets.length;
  const groupOutputs = outputs / groups;
  const blockOutputs = groups === 1 || groupOutputs % 4 === 0 ? 4 : groupOutputs % 2 === 0 ? 2 : 1;
  const blocks = Math.ceil(groupOutputs / blockOutputs);
  const weights = new Float32Array(groups * blocks * inputs * blockOutputs);
  for (let o = 0; o < outputs; o++) {
    const block = Math.floor(o / blockOutputs);
    const first = block * inputs * blockOutputs + (o % blockOutputs);
    for (let i = 0; i < inputs; i++) weights[first + i * blockOutputs] = kernel[i * outputs + o];
  }
  return { weights, offsets, blockOutputs, groups, blocks, groupStep };
}

/** How many outputs `denseOutputs` writes. */
export function paddedUnits(outputs: number): number {
  return Math.ceil(outputs / 4) * 4;
}
