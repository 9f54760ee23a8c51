/** DC16's own file form of one tensor: codebook, then gaps and codes of the relative index, each through its Huffman code. */
import type { CodebookForm } from './arithmetic/codebook-code';
import { BitReader, BitWriter } from './bit-stream';
import { readHuffman, writeHuffman } from './canonical-huffman';
import { encodingError } from './errors';
import { float32Bits, fromFloat16Bits, fromFloat32Bits, toFloat16Bits } from './float16';
import { decodeRelativeIndex, encodeRelativeIndex } from './relative-index';
import type { SharedWeights } from './shared-weights';

export interface HuffmanStream {
  readonly bytes: Uint8Array;
  readonly breakdown: { readonly codebook: number; readonly index: number; readonly values: number };
}

/** Form `step` is stored as float32. */
export function encodeHuffmanIndex(
  shared: SharedWeights,
  options: { readonly gapBits: number; readonly form: CodebookForm },
): HuffmanStream {
  const index = encodeRelativeIndex(shared.codes, options.gapBits);
  const half = options.form.kind === 'float16';
  const out = new BitWriter();
  out.write(half ? 1 : 0, 1);
  out.write(shared.codebook.length, 16);
  for (const value of shared.codebook) {
    if (half) out.write(toFloat16Bits(value), 16);
    else out.write(float32Bits(value), 32);
  }
  const codebookBits = out.length;
  out.write(options.gapBits - 1, 4);
  out.write(index.gaps.length, 32);
  writeHuffman(out, index.gaps, 2 ** options.gapBits);
  const indexBits = out.length - codebookBits;
  writeHuffman(out, index.codes, shared.codebook.length + 1);
  const valueBits = out.length - codebookBits - indexBits;
  return {
    bytes: out.finish(),
    breakdown: { codebook: codebookBits / 8, index: indexBits / 8, values: valueBits / 8 },
  };
}

/** The shared weights back; `size` weights. Throws ENCODING_STREAM. */
export function decodeHuffmanIndex(bytes: Uint8Array, size: number): SharedWeights {
  const input = new BitReader(bytes);
  const codebook = readCodebook(input);
  const bits = input.read(4) + 1;
  const entries = input.read(32);
  if (entries > size) throw broken(`${entries} entries for ${size} weights`);
  const gaps = readHuffman(input, entries, 2 ** bits);
  const codes = readHuffman(input, entries, codebook.length + 1);
  if (input.bytesRead !== bytes.length) throw broken(`${bytes.length - input.bytesRead} bytes are left over`);
  return { codes: decodeRelativeIndex({ size, bits, gaps, codes }), codebook };
}

/** Reads no further than the codebook. */
export function readHuffmanCodebook(bytes: Uint8Array): Float32Array {
  return readCodebook(new BitReader(bytes));
}

function readCodebook(input: BitReader): Float32Array {
  const half = input.bit() === 1;
  const levels = input.read(16);
  const codebook = Float32Array.from({ length: levels }, () =>
    half ? fromFloat16Bits(input.read(16)) : fromFloat32Bits(input.read(32)),
  );
  if (codebook.every((value) => Number.isFinite(value) && value !== 0)) return codebook;
  throw broken('a level that is zero or not finite');
}

function broken(problem: string): Error {
  return encodingError('ENCODING_STREAM', { what: 'a Huffman-coded index', problem });
}
