/**
 * The inner loops of a training step on kept weights, in AssemblyScript (compiled by tools/assembly/build-kernel.mjs). Activations lie
 * feature by feature, the samples of a batch side by side, so that a kept weight is one multiplication for all samples; src/sparse
 * explains the rest.
 *
 * A batch is taken in parts of 32 samples, each with planes of its own. A plane is an address and a table: Uint32, the byte offset of each
 * pixel. A pixel has its channels one behind the other, each of TILE bytes: the samples, float32. An entry, of a kept weight, is Uint32 [2]: the
 * byte offset of its input from the first pixel of the window, and that of its value. `ends` is Uint32: for each output, the entry behind
 * its last one.
 */
export { runPart } from './program';
