export {
  TRANSFORM_LENGTH,
  drawDistortions,
  isIdentityAugment,
  transformImages,
  type AugmentSpec,
  type Distortions,
} from './augmentation';
export { BatchSequence, batchIndices, epochOrder, stepsPerEpoch } from './batches';
export { sliceSamples, type DataSet, type ImageShape, type Samples } from './dataset';
export { displacementFields, type Displacements, type ElasticSpec } from './displacement';
export { DistortedAhead, type AheadOptions } from './ahead/distorted-ahead';
export { DistortedBatches } from './distorted-batches';
export { datasetsErrorTable } from './errors';
export { parseIdx, requireLabels, samplesFromIdx, type IdxArray, type IdxPair } from './idx';
export {
  DATA_MANIFEST_VERSION,
  dataBlobs,
  dataBlobsOf,
  dataManifest,
  dataManifestBytes,
  dataSetFromBlobs,
  parseDataManifest,
  type DataManifest,
  type SplitManifest,
} from './manifest';
export { readMnist } from './mnist';
export { readIdxDataSet, type IdxFiles, type IdxSource } from './read-files';
export { DEFAULT_HELD_OUT, splitTrain, type TrainSplit } from './split';
