export {
  quantiseForArtifact,
  valuesOf,
  type ArtifactTensor,
  type CodebookPrecision,
  type DenseTensor,
  type PluginCodec,
  type PluginTensor,
  type Precision,
  type SharedTensor,
  type SparseTensor,
  type TensorLayout,
} from './artifact/artifact-tensor';
export { CODINGS, type Coding, type StreamCoding } from './artifact/coding-names';
export { type Breakdown } from './artifact/codings';
export { ARTIFACT_VERSION, DEFAULT_ARTIFACT_LIMITS, type ArtifactLimits } from './artifact/container';
export {
  decodeArtifact,
  decodeWeights,
  inspectArtifact,
  pluginTensorsOf,
  type ArtifactSummary,
  type DecodedArtifact,
  type DecodedByPlugins,
  type PluginCodedTensor,
  type TensorSummary,
} from './artifact/decode-artifact';
export {
  ArtifactEncoder,
  encodeArtifact,
  type ArtifactInput,
  type ArtifactOptions,
  type EncodedArtifact,
  type TensorReport,
} from './artifact/encode-artifact';
export { imageLayouts } from './artifact/image-layout';
export { type ImageLayout } from './arithmetic/kernel-view';
export { clusterMeans } from './cluster-means';
export { crc32 } from './crc32';
export { encodingErrorTable } from './errors';
export { assignNearest } from './nearest-level';
export { paperCoding, type PaperCoding } from './paper-coding';
export { quantiseLinearly, type LinearOptions, type LinearQuantisation } from './quantise-linearly';
export { GAP_BITS, decodeRelativeIndex, encodeRelativeIndex, type RelativeIndex } from './relative-index';
export { type PositionLayout } from './rate-distortion/position-prices';
export { lambdaFor, quantiseByRate, stepLevels, type RateOptions } from './rate-distortion/quantise-by-rate';
export {
  decodeSafetensors,
  encodeSafetensors,
  indexSafetensors,
  safetensorsHeadBytes,
  type Safetensors,
  type SafetensorsEntry,
  type SafetensorsIndex,
} from './safetensors';
export { shareWeights, type CentroidStart, type ShareOptions } from './share-weights';
export { countKept, normaliseShared, weightsOf, type SharedWeights } from './shared-weights';
