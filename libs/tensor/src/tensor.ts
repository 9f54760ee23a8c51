import { byteLength, bytesOf, viewAs, type DType, type TensorData } from './dtype';
import { tensorError } from './errors';
import { sizeOf, type Shape } from './shape';

const ARRAY_OF: Readonly<Record<DType, TensorData[typeof Symbol.toStringTag]>> = {
  float32: 'Float32Array',
  int32: 'Int32Array',
  uint32: 'Uint32Array',
  uint16: 'Uint16Array',
  uint8: 'Uint8Array',
  bit: 'Uint8Array',
};

/** A dense array with its type and shape; `data` is row-major. For dtype `bit`, `data` is the packed bitmap. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
}

/** A tensor over `data` (not copied); throws TENSOR_SIZE when the bytes do not fit the shape, TENSOR_DTYPE for another array type. */
export function tensor(dtype: DType, shape: Shape, data: TensorData, name = '?'): Tensor {
  requireBytes(data.byteLength, { dtype, shape, name });
  // By its tag rather than instanceof, which fails for arrays of another realm; a Buffer has the tag of Uint8Array.
  if (data[Symbol.toStringTag] !== ARRAY_OF[dtype]) {
    throw tensorError('TENSOR_DTYPE', { name, actual: data[Symbol.toStringTag], expected: ARRAY_OF[dtype] });
  }
  return { dtype, shape, data };
}

/** A float32 tensor over `data`. */
export function float32(shape: Shape, data: Float32Array, name?: string): Tensor {
  return tensor('float32', shape, data, name);
}

/** The tensor that these little-endian bytes are; throws TENSOR_SIZE. */
export function tensorFromBytes(dtype: DType, shape: Shape, bytes: Uint8Array, name?: string): Tensor {
  requireBytes(bytes.byteLength, { dtype, shape, name: name ?? '?' });
  return tensor(dtype, shape, viewAs(dtype, bytes), name);
}

/** The dense little-endian bytes of a tensor, without a copy. */
export function tensorBytes(value: Tensor): Uint8Array {
  return bytesOf(value.data);
}

/** `data` as Float32Array; throws TENSOR_DTYPE for another type. */
export function asFloat32(value: Tensor, name = '?'): Float32Array {
  if (!(value.dtype === 'float32')) {
    throw tensorError('TENSOR_DTYPE', { name, actual: value.dtype, expected: 'float32' });
  }
  return value.data as Float32Array;
}

/** Throws TENSOR_NOT_FINITE at the first NaN or infinity of a float32 tensor. */
export function requireFinite(value: Tensor, name: string): void {
  if (value.dtype !== 'float32') return;
  const data = value.data as Float32Array;
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) throw tensorError('TENSOR_NOT_FINITE', { name, value: data[i], index: i });
  }
}

function requireBytes(
  actual: number,
  { dtype, shape, name }: { readonly dtype: DType; readonly shape: Shape; readonly name: string },
): void {
  const expected = byteLength(dtype, sizeOf(shape));
  if (actual === expected) return;
  throw tensorError('TENSOR_SIZE', { name, shape: JSON.stringify(shape), dtype, expected, actual });
}
