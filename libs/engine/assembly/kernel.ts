/**
 * The inner loops of a training step on kept weights, in AssemblyScript (compiled by tools/assembly/build-kernel.mjs). Activations lie feature by feature, the
 * samples of a batch side by side, so that a kept weight is one multiplication for all samples; src/sparse explains the rest.
 *
 * A plane is an address and a table: Int32, the byte offset of each pixel. A pixel has its channels one behind the other, each of
 * `batch` bytes (float32; a multiple of 64). An entry, of a kept weight, is Uint32 [2]: the byte offset of its input from the first
 * pixel of the window, and that of its value. `ends` is Uint32: for each output, the entry behind its last one.
 */
export { gather, scatter, correlate, sumOver } from './products';
export { maxPool, maxPoolBack } from './pool';
export { relu, reluBack, multiplyPixels, copyPixels } from './pixels';
export { momentum, adam, penalise } from './update';
export { transposeBytes, transposeFloats } from './transpose';
export { dropoutFactors } from './dropout';
