/** The kept weights of a kernel as the lists that the kernels go through. */
import { FLOAT_BYTES, TILE_BYTES } from './memory-map';
import type { Plane } from './plane';

/** A dense kernel [in, out] is one of a window of 1 x 1. */
export interface KernelShape {
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Uint32 [kept, 2]: byte offset of what is multiplied, byte offset of the value. `ends`: of each output, behind its last. */
export interface Entries {
  readonly ends: Uint32Array;
  readonly entries: Uint32Array;
}

/** The places of kept weights in the kernel [height, width, in, out], output by output: in this order values are held. */
export function keptByOutput(mask: Float32Array | Int32Array | undefined, shape: KernelShape): Uint32Array {
  const { outputs } = shape;
  const rows = shape.height * shape.width * shape.inputs;
  const next = new Uint32Array(outputs + 1);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++, at++) if (!mask || mask[at] !== 0) next[output + 1]++;
  }
  for (let output = 0; output < outputs; output++) next[output + 1] += next[output];
  const kept = new Uint32Array(next[outputs]);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++, at++) {
      if (!mask || mask[at] !== 0) kept[next[output]++] = at;
    }
  }
  return kept;
}

/** For each output its kept weights; an input's offset is that from the window's first pixel in `input`. */
export function entriesOf(kept: Uint32Array, shape: KernelShape, input: Plane): Entries {
  const { width, inputs, outputs } = shape;
  const ends = new Uint32Array(outputs);
  const entries = new Uint32Array(2 * kept.length);
  for (let i = 0; i < kept.length; i++) {
    const at = kept[i];
    const channel = Math.floor(at / outputs) % inputs;
    const tap = Math.floor(at / (outputs * inputs));
    entries[2 * i] =
      Math.floor(tap / width) * input.rowBytes + (tap % width) * input.pixelBytes + channel * TILE_BYTES;
    entries[2 * i + 1] = FLOAT_BYTES * i;
    ends[at % outputs] = i + 1;
  }
  // An output that keeps nothing ends where the one before it does.
  for (let output = 1; output < outputs; output++) ends[output] = Math.max(ends[output], ends[output - 1]);
  return { ends, entries };
}
