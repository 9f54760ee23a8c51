/**
 * The inner loops of the mixing coder, in AssemblyScript (compiled by tools/assembly/build-kernel.mjs): bit by bit the same arithmetic as the files of the
 * same names in src/arithmetic, which explain it and are its oracle. No objects and no allocation.
 */
export { codeMap } from './significance-map';
export { codeValues } from './value-codes';
