import { sha256 } from '@espalier/tensor/digest';
import type { DataSet } from './dataset';
import {
  dataBlobs,
  dataBlobsOf,
  dataManifest,
  dataManifestBytes,
  dataSetFromBlobs,
  parseDataManifest,
} from './manifest';

const dataset: DataSet = {
  name: 'tiny',
  classes: 2,
  train: {
    images: Uint8Array.from([1, 2, 3, 4]),
    labels: Uint8Array.from([0, 1]),
    count: 2,
    shape: [1, 2, 1],
  },
  test: { images: Uint8Array.from([5, 6]), labels: Uint8Array.from([1]), count: 1, shape: [1, 2, 1] },
};
const manifest = dataManifest(dataset, sha256);

describe('dataManifest', () => {
  it('comes back as the same data set from its blobs', async () => {
    const blobs = dataBlobs(dataset, manifest);
    expect([...blobs.keys()]).toEqual(dataBlobsOf(manifest));
    expect(await dataSetFromBlobs(manifest, (digest) => blobs.get(digest) as Uint8Array)).toEqual(dataset);
  });

  it('has another digest when one pixel, label or class changes', () => {
    const digestOf = (changed: DataSet) => sha256(dataManifestBytes(dataManifest(changed, sha256)));
    const { train } = dataset;
    const digests = [
      digestOf(dataset),
      digestOf({ ...dataset, classes: 3 }),
      digestOf({ ...dataset, train: { ...train, images: Uint8Array.from([1, 2, 3, 5]) } }),
      digestOf({ ...dataset, train: { ...train, labels: Uint8Array.from([1, 1]) } }),
    ];
    expect(new Set(digests).size).toBe(4);
  });

  it('says which blob has another size than the manifest declares', async () => {
    await expect(dataSetFromBlobs(manifest, () => new Uint8Array(3))).rejects.toThrow(
      'DATA_BLOB: the train images of data set "tiny" should have 4 bytes',
    );
  });
});

describe('parseDataManifest', () => {
  it('takes what was written as JSON', () => {
    expect(parseDataManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  it('leaves out what it does not know', () => {
    expect(parseDataManifest({ ...manifest, extra: 1 })).toEqual(manifest);
  });

  it.each([
    [null, 'the manifest should be a map'],
    [{ ...manifest, version: 2 }, 'version should be 1, but is 2'],
    [{ ...manifest, classes: 0 }, 'classes should be a whole number from 1'],
    [{ ...manifest, splits: { train: manifest.splits.train } }, 'test should be a map'],
    [
      { ...manifest, splits: { ...manifest.splits, test: { ...manifest.splits.test, images: 'x' } } },
      'test.images should be a SHA-256 in hex',
    ],
  ])('refuses a broken one (case %#)', (value, problem) => {
    expect(() => parseDataManifest(value)).toThrow(
      `DATA_MANIFEST: the manifest of the data set is broken: ${problem}`,
    );
  });
});
