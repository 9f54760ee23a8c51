/**
 * Memory of JavaScript's that a TensorFlow variable lies in. TensorFlow's own memory is a pool that grows and is never given
 * back to the system; what is lent goes back when the session has ended. The addon holds a reference to the array for
 * as long as TensorFlow has it, and lets go of it in the thread that TensorFlow runs in, which is ours
 * (TF_NUM_INTEROP_THREADS in ../load-tensorflow).
 */
import { sizeOf, type TensorData } from '@espalier/tensor';
import { nodesOf, type Program } from '../graph/program';
import type { Variable } from '../ops/variable';

/**
 * The C library maps larger blocks each for itself (glibc's DEFAULT_MMAP_THRESHOLD_MAX): they go back to the system when
 * they are freed, are zero without being written, and begin at a page plus the 16 bytes of a header.
 */
const MAPPED_BYTES = 32 * 2 ** 20;
const HEADER_BYTES = 16;

/** What TensorFlow uses without a copy of its own: EIGEN_MAX_ALIGN_BYTES. Where it is missed, only memory is lost. */
const ALIGNMENT_BYTES = 64;

const ELEMENT_BYTES = { float32: 4, int32: 4, uint8: 1 } as const;

/** The variables of a program that may lie in lent memory: large, and only ever read. */
export function lendable(program: Program): ReadonlySet<Variable> {
  const result = new Set(program.variables.filter((variable) => bytesOf(variable) > MAPPED_BYTES));
  for (const node of program.functions.flatMap(nodesOf)) {
    if (node.operation.type === 'read') continue;
    for (const value of Object.values((node.attributes ?? {}) as object)) result.delete(value as Variable);
  }
  return result;
}

/** Zeros for a variable, aligned. */
export function alignedMemory(variable: Variable): TensorData {
  const size = sizeOf(variable.shape);
  const offset = ALIGNMENT_BYTES - HEADER_BYTES;
  const buffer = new ArrayBuffer(bytesOf(variable) + offset);
  switch (variable.dtype) {
    case 'float32':
      return new Float32Array(buffer, offset, size);
    case 'int32':
      return new Int32Array(buffer, offset, size);
    default:
      return new Uint8Array(buffer, offset, size);
  }
}

function bytesOf({ dtype, shape }: Variable): number {
  return sizeOf(shape) * ELEMENT_BYTES[dtype as keyof typeof ELEMENT_BYTES];
}
