/** Element types, as they are named in manifests and artifacts. All little-endian; `bit` is packed, least significant bit first. */
export type DType = 'float32' | 'int32' | 'uint32' | 'uint16' | 'uint8' | 'bit';

export type TensorData = Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

const BITS: Readonly<Record<DType, number>> = {
  float32: 32,
  int32: 32,
  uint32: 32,
  uint16: 16,
  uint8: 8,
  bit: 1,
};

export const DTYPES = Object.keys(BITS) as readonly DType[];

/** Bytes of `size` elements; a bitmap is padded to a whole byte with zeros. */
export function byteLength(dtype: DType, size: number): number {
  return Math.ceil((BITS[dtype] * size) / 8);
}

/** A zeroed array for `size` elements. */
export function allocate(dtype: DType, size: number): TensorData {
  return viewAs(dtype, new Uint8Array(byteLength(dtype, size)));
}

/** The bytes seen as `dtype`; copies once when they are not aligned to the element. */
export function viewAs(dtype: DType, bytes: Uint8Array): TensorData {
  const width = dtype === 'bit' ? 1 : BITS[dtype] / 8;
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset } = aligned;
  const length = Math.floor(aligned.byteLength / width);
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, length);
    case 'int32':
      return new Int32Array(buffer, byteOffset, length);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, length);
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, length);
    case 'uint8':
    case 'bit':
      return new Uint8Array(buffer, byteOffset, length);
  }
}

/** The little-endian bytes of an array, without a copy. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
