/**
 * The forms in which a tensor travels: `dense` (its bytes) and `masked` (a bitmap of the elements that are not +0.0,
 * then only those). Both give back the same bits: -0.0 counts as an element. A receiver checks the digest afterwards.
 */
import { byteLength, type DType } from './dtype';
import { tensorError } from './errors';
import { sizeOf, type Shape } from './shape';
import { tensorBytes, tensorFromBytes, type Tensor } from './tensor';

export type TensorForm = 'dense' | 'masked';

export interface EncodedTensor {
  readonly form: TensorForm;
  readonly bytes: Uint8Array;
}

/** Bytes of an element that the masked form knows: those of kernels, slots and codes. */
const MASKED_WIDTHS: { readonly [T in DType]?: 2 | 4 } = { float32: 4, uint16: 2 };

/** Has this type a masked form? */
export function hasMaskedForm(dtype: DType): boolean {
  return MASKED_WIDTHS[dtype] !== undefined;
}

/** The shorter form of a tensor. */
export function encodeForm(value: Tensor): EncodedTensor {
  const dense = { form: 'dense', bytes: tensorBytes(value) } as const;
  const width = MASKED_WIDTHS[value.dtype];
  if (width === undefined) return dense;
  const elements = wordsOf(dense.bytes, width);
  let kept = 0;
  for (const element of elements) if (element !== 0) kept++;
  const bitmapBytes = paddedBitmapBytes(elements.length);
  if (bitmapBytes + kept * width >= dense.bytes.byteLength) return dense;
  const bytes = new Uint8Array(bitmapBytes + kept * width);
  const values = wordsOf(bytes.subarray(bitmapBytes), width);
  let next = 0;
  for (let i = 0; i < elements.length; i++) {
    if (elements[i] === 0) continue;
    bytes[i >>> 3] |= 1 << (i & 7);
    values[next++] = elements[i];
  }
  return { form: 'masked', bytes };
}

/** The tensor back from its form; throws TENSOR_SIZE or TENSOR_FORM. */
export function decodeForm(form: TensorForm, dtype: DType, shape: Shape, bytes: Uint8Array): Tensor {
  if (form === 'dense') return tensorFromBytes(dtype, shape, bytes);
  const size = sizeOf(shape);
  const width = MASKED_WIDTHS[dtype];
  if (width === undefined) throw broken(`dtype ${dtype} has no masked form`);
  const bitmapBytes = paddedBitmapBytes(size);
  if (bytes.byteLength < bitmapBytes)
    throw broken(`the bitmap needs ${bitmapBytes} bytes, there are ${bytes.byteLength}`);
  if ((size & 7) !== 0 && bytes[(size - 1) >>> 3] >> (size & 7) !== 0)
    throw broken('bits behind the last element are set');
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const values = wordsOf(aligned.subarray(bitmapBytes), width);
  const out = new Uint8Array(byteLength(dtype, size));
  const elements = wordsOf(out, width);
  let next = 0;
  for (let i = 0; i < size; i++) if ((aligned[i >>> 3] >> (i & 7)) & 1) elements[i] = values[next++];
  if (bitmapBytes + next * width !== bytes.byteLength) {
    throw broken(
      `the bitmap names ${next} values (${bitmapBytes + next * width} bytes), there are ${bytes.byteLength} bytes`,
    );
  }
  return tensorFromBytes(dtype, shape, out);
}

/** A whole number of 4-byte words, so that the values behind it are aligned. */
function paddedBitmapBytes(size: number): number {
  return (Math.ceil(size / 8) + 3) & ~3;
}

/** The bytes as unsigned elements of `width` bytes: bits are moved, never interpreted. */
function wordsOf(bytes: Uint8Array, width: 2 | 4): Uint16Array | Uint32Array {
  const { buffer, byteOffset, byteLength: length } = bytes;
  return width === 2
    ? new Uint16Array(buffer, byteOffset, length >> 1)
    : new Uint32Array(buffer, byteOffset, length >> 2);
}

function broken(problem: string): Error {
  return tensorError('TENSOR_FORM', { form: 'masked', problem });
}
