export { DTYPES, allocate, byteLength, bytesOf, viewAs, type DType, type TensorData } from './dtype';
export { tensorErrorTable } from './errors';
export { decodeForm, encodeForm, hasMaskedForm, type EncodedTensor, type TensorForm } from './forms';
export { Mask } from './mask';
export { SHAPE_LIMITS, sameShape, sizeOf, type Shape } from './shape';
export {
  SNAPSHOT_VERSION,
  TENSOR_SUFFIXES,
  isParameterName,
  manifestBytes,
  manifestOf,
  requireTensor,
  type Digest,
  type DigestFunction,
  type Snapshot,
  type SnapshotManifest,
  type TensorEntry,
} from './snapshot';
export {
  asFloat32,
  float32,
  requireFinite,
  tensor,
  tensorBytes,
  tensorFromBytes,
  type Tensor,
} from './tensor';
