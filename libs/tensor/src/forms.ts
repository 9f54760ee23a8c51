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

/** The shorter form of a tensor. */
export function encodeForm(value: Tensor): EncodedTensor {
  const dense = { form: 'dense', bytes: tensorBytes(value) } as const;
  if (value.dtype !== 'float32') return dense;
  const words = new Uint32Array(value.data.buffer, value.data.byteOffset, value.data.length);
  let kept = 0;
  for (const word of words) if (word !== 0) kept++;
  const bitmapBytes = Math.ceil(words.length / 8);
  const padded = (bitmapBytes + 3) & ~3;
  if (padded + kept * 4 >= dense.bytes.byteLength) return dense;
  const bytes = new Uint8Array(padded + kept * 4);
  const values = new Uint32Array(bytes.buffer, padded, kept);
  let next = 0;
  for (let i = 0; i < words.length; i++) {
    if (words[i] === 0) continue;
    bytes[i >>> 3] |= 1 << (i & 7);
    values[next++] = words[i];
  }
  return { form: 'masked', bytes };
}

/** The tensor back from its form; throws TENSOR_SIZE or TENSOR_FORM. */
export function decodeForm(form: TensorForm, dtype: DType, shape: Shape, bytes: Uint8Array): Tensor {
  if (form === 'dense') return tensorFromBytes(dtype, shape, bytes);
  const size = sizeOf(shape);
  const padded = (Math.ceil(size / 8) + 3) & ~3;
  if (dtype !== 'float32') throw broken(`dtype ${dtype} has no masked form`);
  if (bytes.byteLength < padded)
    throw broken(`the bitmap needs ${padded} bytes, there are ${bytes.byteLength}`);
  if ((size & 7) !== 0 && bytes[(size - 1) >>> 3] >> (size & 7) !== 0)
    throw broken('bits behind the last element are set');
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const values = new Uint32Array(
    aligned.buffer,
    aligned.byteOffset + padded,
    (aligned.byteLength - padded) >> 2,
  );
  const out = new Uint32Array(size);
  let next = 0;
  for (let i = 0; i < size; i++) if ((aligned[i >>> 3] >> (i & 7)) & 1) out[i] = values[next++];
  if (padded + next * 4 !== bytes.byteLength) {
    throw broken(
      `the bitmap names ${next} values (${padded + next * 4} bytes), there are ${bytes.byteLength} bytes`,
    );
  }
  return tensorFromBytes(dtype, shape, new Uint8Array(out.buffer, 0, byteLength(dtype, size)));
}

function broken(problem: string): Error {
  return tensorError('TENSOR_FORM', { form: 'masked', problem });
}
