/**
 * The IDX format of the MNIST files: two zero bytes, a type byte, the number of dimensions, each dimension as a big-endian
 * uint32, then the values. Only unsigned bytes (type 0x08) are images or labels. Files may be gzipped.
 */
import { gunzipSync } from 'node:zlib';
import type { ImageShape, Samples } from './dataset';
import { dataError } from './errors';

/** The most that a gzipped file may unpack to: a broken or hostile file must not fill the memory. */
const MAX_UNPACKED_BYTES = 2 ** 31 - 1;
const UNSIGNED_BYTE = 0x08;
const MAX_LABELS = 256;

export interface IdxArray {
  readonly dims: readonly number[];
  /** Row-major, a view on the file's bytes where they were not packed. */
  readonly values: Uint8Array;
}

export interface IdxPair {
  readonly images: { readonly file: string; readonly bytes: Uint8Array };
  readonly labels: { readonly file: string; readonly bytes: Uint8Array };
}

/**
 * Parses an IDX file of unsigned bytes, plain or gzipped.
 * @param file the name to put into errors
 * @throws DATA_IDX_GZIP, DATA_IDX_MAGIC, DATA_IDX_DIMS, DATA_IDX_TRUNCATED
 */
export function parseIdx(fileBytes: Uint8Array, file: string): IdxArray {
  const bytes = isGzip(fileBytes) ? unpack(fileBytes, file) : fileBytes;
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== UNSIGNED_BYTE) {
    const actual = bytes.length === 0 ? 'nothing' : hex(bytes.subarray(0, 4));
    throw dataError('DATA_IDX_MAGIC', { file, expected: '00 00 08 (unsigned bytes)', actual });
  }
  const rank = bytes[3];
  const start = 4 + 4 * rank;
  if (rank < 1 || rank > 4) {
    throw dataError('DATA_IDX_DIMS', { file, expected: '1 to 4 dimensions', actual: `${rank}` });
  }
  if (bytes.length < start) {
    throw dataError('DATA_IDX_TRUNCATED', {
      file,
      shape: `${rank} dimensions`,
      expected: `at least ${start}`,
      actual: bytes.length,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = start + dims.reduce((product, dim) => product * dim, 1);
  if (bytes.length !== expected) {
    throw dataError('DATA_IDX_TRUNCATED', { file, shape: text(dims), expected, actual: bytes.length });
  }
  return { dims, values: bytes.subarray(start) };
}

/**
 * The samples of an image file [count, h, w] or [count, h, w, c] and a label file [count].
 * @throws the errors of `parseIdx`, DATA_IDX_DIMS, DATA_IDX_COUNT
 */
export function samplesFromIdx(pair: IdxPair): Samples {
  const images = parseIdx(pair.images.bytes, pair.images.file);
  const [count, height, width, channels = 1] = images.dims;
  if (images.dims.length < 3 || images.dims.some((dim) => dim === 0)) {
    const expected = 'images, [count, height, width] or [count, height, width, channels], none of them 0';
    throw dataError('DATA_IDX_DIMS', { file: pair.images.file, expected, actual: text(images.dims) });
  }
  const labels = parseIdx(pair.labels.bytes, pair.labels.file);
  if (labels.dims.length !== 1) {
    throw dataError('DATA_IDX_DIMS', {
      file: pair.labels.file,
      expected: 'labels, [count]',
      actual: text(labels.dims),
    });
  }
  if (labels.dims[0] !== count) {
    throw dataError('DATA_IDX_COUNT', {
      images: pair.images.file,
      imageCount: count,
      labels: pair.labels.file,
      labelCount: labels.dims[0],
    });
  }
  const shape: ImageShape = [height, width, channels];
  return { images: images.values, labels: labels.values, count, shape };
}

/** Throws DATA_IDX_LABEL unless every label is in 0..classes - 1. */
export function requireLabels(labels: Uint8Array, classes: number, file: string): void {
  if (classes >= MAX_LABELS) return;
  const index = labels.findIndex((label) => label >= classes);
  if (index >= 0) throw dataError('DATA_IDX_LABEL', { file, index, label: labels[index], last: classes - 1 });
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unpack(bytes: Uint8Array, file: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (cause) {
    throw dataError('DATA_IDX_GZIP', { file, problem: (cause as Error).message }, { cause });
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

function text(dims: readonly number[]): string {
  return `[${dims.join(', ')}]`;
}
