/**
 * A data set as blobs with a manifest, so that trainers on other machines pull it as they pull snapshots. The digest of
 * the manifest's canonical JSON stands for the data set in a resolved recipe and in the keys of cached stages.
 */
import { canonicalJson, type JsonValue } from '@espalier/base';
import type { Digest, DigestFunction } from '@espalier/tensor';
import type { DataSet, ImageShape, Samples } from './dataset';
import { dataError } from './errors';

export const DATA_MANIFEST_VERSION = 1;

export interface SplitManifest {
  readonly count: number;
  /** [height, width, channels]. */
  readonly shape: ImageShape;
  /** Blob of count * height * width * channels bytes. */
  readonly images: Digest;
  /** Blob of count bytes. */
  readonly labels: Digest;
}

export interface DataManifest {
  readonly version: 1;
  readonly name: string;
  readonly classes: number;
  readonly splits: { readonly train: SplitManifest; readonly test: SplitManifest };
}

/** Describes a data set; the blobs are `images` and `labels` of its two parts as they are. */
export function dataManifest(dataset: DataSet, digest: DigestFunction): DataManifest {
  const split = ({ count, shape, images, labels }: Samples): SplitManifest => ({
    count,
    shape,
    images: digest(images),
    labels: digest(labels),
  });
  return {
    version: DATA_MANIFEST_VERSION,
    name: dataset.name,
    classes: dataset.classes,
    splits: { train: split(dataset.train), test: split(dataset.test) },
  };
}

/** The manifest's bytes as they are stored, canonical JSON in UTF-8; their digest stands for the data set. */
export function dataManifestBytes(manifest: DataManifest): Uint8Array {
  return new TextEncoder().encode(canonicalJson(manifest as unknown as JsonValue));
}

/** The blobs of a data set by digest, ready for a store. */
export function dataBlobs(dataset: DataSet, manifest: DataManifest): Map<Digest, Uint8Array> {
  const { train, test } = manifest.splits;
  return new Map([
    [train.images, dataset.train.images],
    [train.labels, dataset.train.labels],
    [test.images, dataset.test.images],
    [test.labels, dataset.test.labels],
  ]);
}

/** The digests of the blobs that a manifest speaks of: what must be pulled before the data set can be used. */
export function dataBlobsOf(manifest: DataManifest): Digest[] {
  const { train, test } = manifest.splits;
  return [...new Set([train.images, train.labels, test.images, test.labels])];
}

/**
 * Puts a data set together again.
 * @param get gives the blob of a digest, already verified against it
 * @throws DATA_BLOB when a blob has another size than the manifest says
 */
export async function dataSetFromBlobs(
  manifest: DataManifest,
  get: (digest: Digest) => Uint8Array | Promise<Uint8Array>,
): Promise<DataSet> {
  const split = async (part: 'train' | 'test'): Promise<Samples> => {
    const { count, shape, images, labels } = manifest.splits[part];
    const blob = async (what: 'images' | 'labels', digest: Digest, expected: number): Promise<Uint8Array> => {
      const bytes = await get(digest);
      if (bytes.length !== expected) {
        const details = { name: manifest.name, expected, digest, actual: bytes.length };
        throw dataError('DATA_BLOB', { part: `${part} ${what}`, ...details });
      }
      return bytes;
    };
    return {
      images: await blob('images', images, count * shape[0] * shape[1] * shape[2]),
      labels: await blob('labels', labels, count),
      count,
      shape,
    };
  };
  return {
    name: manifest.name,
    classes: manifest.classes,
    train: await split('train'),
    test: await split('test'),
  };
}

/** A manifest that came over the wire or from a file, rebuilt field by field. @throws DATA_MANIFEST */
export function parseDataManifest(value: unknown): DataManifest {
  const map = record(value, 'the manifest');
  if (map['version'] !== DATA_MANIFEST_VERSION) {
    throw broken(`version should be ${DATA_MANIFEST_VERSION}, but is ${JSON.stringify(map['version'])}`);
  }
  const splits = record(map['splits'], 'splits');
  if (typeof map['name'] !== 'string') throw broken('name should be a text');
  const classes = positive(map['classes'], 'classes');
  return {
    version: DATA_MANIFEST_VERSION,
    name: map['name'],
    classes,
    splits: { train: splitManifest(splits['train'], 'train'), test: splitManifest(splits['test'], 'test') },
  };
}

function splitManifest(value: unknown, name: string): SplitManifest {
  const map = record(value, name);
  const shape: unknown = map['shape'];
  if (!Array.isArray(shape) || shape.length !== 3)
    throw broken(`${name}.shape should be [height, width, channels]`);
  const [height, width, channels] = shape.map((dim) => positive(dim, `${name}.shape`));
  return {
    count: positive(map['count'], `${name}.count`),
    shape: [height, width, channels],
    images: digestOf(map['images'], `${name}.images`),
    labels: digestOf(map['labels'], `${name}.labels`),
  };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw broken(`${what} should be a map`);
  return value as Record<string, unknown>;
}

function positive(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw broken(`${what} should be a whole number from 1, but is ${JSON.stringify(value)}`);
  }
  return value as number;
}

function digestOf(value: unknown, what: string): Digest {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value))
    throw broken(`${what} should be a SHA-256 in hex`);
  return value;
}

function broken(problem: string): Error {
  return dataError('DATA_MANIFEST', { problem });
}
