/** What a decoder made of a file, as digests that can be compared between programs. */
import { decodeArtifact } from '@espalier/encoding';
import { tensorBytes } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';

export interface TensorDigest {
  readonly name: string;
  /** SHA-256 of the dense little-endian bytes. */
  readonly sha256: string;
}

/** In the file's order. */
export function tensorDigests(file: Uint8Array): TensorDigest[] {
  return [...decodeArtifact(file).tensors].map(([name, tensor]) => ({
    name,
    sha256: sha256(tensorBytes(tensor)),
  }));
}

/** One digest for all: of their names and digests, line by line. */
export function digestOfAll(tensors: readonly TensorDigest[]): string {
  return sha256(new TextEncoder().encode(tensors.map(({ name, sha256 }) => `${sha256} ${name}\n`).join('')));
}

/** Names of tensors that two decoders do not agree on, also where one of them lacks it. */
export function differing(a: readonly TensorDigest[], b: readonly TensorDigest[]): string[] {
  const digests = new Map(a.map(({ name, sha256 }) => [name, sha256]));
  const others = new Map(b.map(({ name, sha256 }) => [name, sha256]));
  return [...new Set([...digests.keys(), ...others.keys()])].filter(
    (name) => digests.get(name) !== others.get(name),
  );
}
