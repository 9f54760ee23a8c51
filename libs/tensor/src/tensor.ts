import { byteLength, bytesOf, viewAs, type DType, type TensorData } from './dtype';
import { tensorError } from './errors';
import { sizeOf, type Shape } from './shape';

/** A dense array with its type and shape; `data` is row-major. For dtype `bit`, `data` is the packed bitmap. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
}

/** A tensor over `data` (not copied); throws TENSOR_SIZE when the bytes do not fit the shape. */
export function tensor(dtype: DType, shape: Shape, data: TensorData, name = '?'): Tensor {
  const expected = byteLength(dtype, sizeOf(shape));
  if (data.byteLength !== expected) {
    throw tensorError('TENSOR_SIZE', {
      name,
      shape: JSON.stringify(shape),
      dtype,
      expected,
      actual: data.byteLength,
    });
  }
  return { dtype, shape, data };
}

/** A float32 tensor over `data`. */
export function float32(shape: Shape, data: Float32Array, name?: string): Tensor {
  return tensor('float32', shape, data, name);
}

/** The tensor that these little-endian bytes are; throws TENSOR_SIZE. */
export function tensorFromBytes(dtype: DType, shape: Shape, bytes: Uint8Array, name?: string): Tensor {
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
