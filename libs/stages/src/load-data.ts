import {
  dataSetFromBlobs,
  parseDataManifest,
  splitTrain,
  type DataSet,
  type Samples,
} from '@espalier/datasets';
import type { BlobStore } from '@espalier/store';
import type { Digest } from '@espalier/tensor';

export interface StageData {
  readonly train: Samples;
  /** Absent when nothing is held out. */
  readonly heldOut?: Samples;
  readonly test: Samples;
}

/** The data set of a manifest whose blobs lie in the store. */
export async function loadDataSet(store: BlobStore, manifest: Digest): Promise<DataSet> {
  const parsed = parseDataManifest(JSON.parse(new TextDecoder().decode(await store.get(manifest))));
  return dataSetFromBlobs(parsed, (digest) => store.get(digest));
}

/** The three parts that training sees: train without the held-out samples, those, and test. */
export async function loadStageData(store: BlobStore, manifest: Digest, heldOut: number): Promise<StageData> {
  const data = await loadDataSet(store, manifest);
  const { train, heldOut: held } = splitTrain(data.train, heldOut);
  return { train, ...(held.count > 0 && { heldOut: held }), test: data.test };
}
