import { TENSOR_SUFFIXES, asFloat32, requireTensor, type Mask, type Tensor } from '@espalier/tensor';

/**
 * The values of a kernel as the network uses them, row-major: `NAME`, or `NAME:codes` looked up in `NAME:codebook` (code 0
 * is a removed weight, code k is centroid k - 1); removed entries are 0. Throws TENSOR_MISSING, TENSOR_DTYPE.
 */
export function readWeights(tensors: ReadonlyMap<string, Tensor>, name: string, mask?: Mask): Float32Array {
  const whole = tensors.get(name);
  const values = whole ? asFloat32(whole, name) : decodeCodes(tensors, name);
  return mask ? mask.apply(values.slice()) : values;
}

/** The tensor of that name; throws TENSOR_MISSING, TENSOR_DTYPE. */
export function requireFloat32(tensors: ReadonlyMap<string, Tensor>, name: string): Float32Array {
  return asFloat32(requireTensor({ network: null, tensors, info: {} }, name), name);
}

function decodeCodes(tensors: ReadonlyMap<string, Tensor>, name: string): Float32Array {
  const codes = tensors.get(name + TENSOR_SUFFIXES.codes);
  if (!codes) return requireFloat32(tensors, name);
  const codebook = requireFloat32(tensors, name + TENSOR_SUFFIXES.codebook);
  return Float32Array.from(codes.data, (code) => (code === 0 ? 0 : codebook[code - 1]));
}
