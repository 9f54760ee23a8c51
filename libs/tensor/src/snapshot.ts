/**
 * Snapshots: the tensors of a network at one moment. A snapshot is content-addressed: its manifest lists each tensor by
 * the SHA-256 of its dense little-endian bytes, and the snapshot's id is the SHA-256 of the manifest's canonical JSON.
 */
import { canonicalJson, type JsonValue } from '@espalier/base';
import type { DType } from './dtype';
import { tensorError } from './errors';
import type { Shape } from './shape';
import { tensorBytes, type Tensor } from './tensor';

/** SHA-256 as 64 lower-case hex digits. */
export type Digest = string;

/** Hashes bytes; passed in so that this lib needs no platform (Node: `node:crypto`; see `@espalier/tensor/digest`). */
export type DigestFunction = (bytes: Uint8Array) => Digest;

export interface TensorEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly digest: Digest;
}

export interface SnapshotManifest {
  readonly version: 1;
  /** The network that the tensors belong to: a `NetworkSpec` of `@espalier/models`. */
  readonly network: JsonValue;
  /** Sorted by name. */
  readonly tensors: readonly TensorEntry[];
  /** What else must be known to go on, e.g. `{ step: 1200 }`. Part of the id. */
  readonly info: { readonly [key: string]: JsonValue | undefined };
}

/** A snapshot with its tensors in memory. */
export interface Snapshot {
  readonly network: JsonValue;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly info: SnapshotManifest['info'];
}

export const SNAPSHOT_VERSION = 1;

/** The manifest of a snapshot in memory. */
export function manifestOf(snapshot: Snapshot, digest: DigestFunction): SnapshotManifest {
  const names = [...snapshot.tensors.keys()].sort();
  return {
    version: SNAPSHOT_VERSION,
    network: snapshot.network,
    tensors: names.map((name) => {
      const value = snapshot.tensors.get(name) as Tensor;
      return { name, dtype: value.dtype, shape: value.shape, digest: digest(tensorBytes(value)) };
    }),
    info: snapshot.info,
  };
}

/** The manifest's bytes as they are stored, canonical JSON in UTF-8; the snapshot's id is their digest. */
export function manifestBytes(manifest: SnapshotManifest): Uint8Array {
  return new TextEncoder().encode(canonicalJson(manifest as unknown as JsonValue));
}

/** The tensor of that name; throws TENSOR_MISSING. */
export function requireTensor(snapshot: Snapshot, name: string): Tensor {
  const value = snapshot.tensors.get(name);
  if (!value) {
    const present = [...snapshot.tensors.keys()].join(', ') || 'none';
    throw tensorError('TENSOR_MISSING', { name, present });
  }
  return value;
}

/** What belongs to a parameter tensor beside its values. */
export const TENSOR_SUFFIXES = {
  mask: ':mask',
  codes: ':codes',
  codebook: ':codebook',
  /** bit, beside codes: weights that are the negative of their codebook value. */
  signs: ':signs',
  /** float32, beside a mask: the weights that are trained on behind it, those of removed weights too. */
  latent: ':latent',
  /** float32 [1], beside codes whose codebook holds multiples of it. */
  step: ':step',
  momentum: ':momentum',
  firstMoment: ':m',
  secondMoment: ':v',
} as const;

/** Is this the tensor of a parameter itself, rather than a mask, slot or code of one? */
export function isParameterName(name: string): boolean {
  return !name.includes(':');
}
