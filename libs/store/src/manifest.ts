/** Manifests as they come from disk or wire: checked once, rebuilt, then trusted. */
import { errorMessage, type JsonValue } from '@espalier/base';
import {
  DTYPES,
  SNAPSHOT_VERSION,
  sizeOf,
  type DType,
  type SnapshotManifest,
  type TensorEntry,
} from '@espalier/tensor';
import { storeError } from './errors';
import { isDigest } from './names';

/** Bounds of a manifest; a network of 10^8 parameters with its slots has some hundred tensors. */
export const MANIFEST_LIMITS = { maxBytes: 1024 * 1024, maxTensors: 8192, maxNameLength: 256 } as const;

/** The manifest in `bytes`; throws STORE_MANIFEST. Whether the bytes have the digest `id` is the caller's to check. */
export function parseManifest(bytes: Uint8Array, id: string): SnapshotManifest {
  const refuse = (problem: string): Error => storeError('STORE_MANIFEST', { id, problem });
  if (bytes.byteLength > MANIFEST_LIMITS.maxBytes)
    throw refuse(`more than ${MANIFEST_LIMITS.maxBytes} bytes`);
  let raw: unknown;
  try {
    raw = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw storeError('STORE_MANIFEST', { id, problem: 'it is no JSON' }, { cause });
  }
  if (!isObject(raw)) throw refuse('it is no object');
  if (raw.version !== SNAPSHOT_VERSION)
    throw refuse(`version ${String(raw.version)}, expected ${SNAPSHOT_VERSION}`);
  if (!isObject(raw.info)) throw refuse('"info" is no object');
  if (!Array.isArray(raw.tensors) || raw.tensors.length > MANIFEST_LIMITS.maxTensors) {
    throw refuse(`"tensors" is no list of at most ${MANIFEST_LIMITS.maxTensors}`);
  }
  const tensors = raw.tensors.map((entry: unknown, i) => parseEntry(entry, i, refuse));
  for (let i = 1; i < tensors.length; i++) {
    if (tensors[i - 1].name >= tensors[i].name)
      throw refuse(`tensor "${tensors[i].name}" is not in order of names`);
  }
  return {
    version: SNAPSHOT_VERSION,
    network: (raw.network ?? null) as JsonValue,
    tensors,
    info: raw.info as SnapshotManifest['info'],
  };
}

function parseEntry(entry: unknown, index: number, refuse: (problem: string) => Error): TensorEntry {
  if (!isObject(entry)) throw refuse(`tensor ${index} is no object`);
  const { name, dtype, shape, digest } = entry;
  if (typeof name !== 'string' || name === '' || name.length > MANIFEST_LIMITS.maxNameLength) {
    throw refuse(`tensor ${index} has no usable name`);
  }
  if (!DTYPES.includes(dtype as DType)) throw refuse(`tensor "${name}" has dtype ${String(dtype)}`);
  if (!Array.isArray(shape) || !shape.every((axis) => typeof axis === 'number')) {
    throw refuse(`tensor "${name}" has no shape`);
  }
  try {
    sizeOf(shape);
  } catch (cause) {
    throw refuse(`tensor "${name}" has a shape that is not allowed: ${errorMessage(cause)}`);
  }
  if (typeof digest !== 'string' || !isDigest(digest)) throw refuse(`tensor "${name}" has no digest`);
  return { name, dtype: dtype as DType, shape, digest };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
