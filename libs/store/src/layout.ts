/** Where things lie in a store's folder. */
import { join } from 'node:path';
import { requireDigest, requireName } from './names';

export type BlobKind = 'blobs' | 'manifests';

/** `partial`: what transfers have received so far, and streams that have no name yet. `forms`: cached masked forms. */
export const FOLDERS = ['blobs', 'manifests', 'partial', 'forms'] as const;

/** `blobs/ab/abcdef...`: 256 folders, so that none grows beyond what a listing bears. */
export function blobPath(root: string, kind: BlobKind, digest: string): string {
  return join(root, kind, requireDigest(digest).slice(0, 2), digest);
}

/** The part of a tensor's form that has arrived; it grows until it is whole. */
export function partialPath(root: string, digest: string, form: string): string {
  return join(root, 'partial', `${requireDigest(digest)}.${requireName(form, 'form')}`);
}

/** The masked form of a large tensor, made by its owner for sending; may be removed at any time. */
export function formPath(root: string, digest: string, form: string): string {
  return join(root, 'forms', `${requireDigest(digest)}.${requireName(form, 'form')}`);
}
