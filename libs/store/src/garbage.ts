/**
 * Garbage collection by reach: what the roots (snapshots and blobs of runs, of the stage cache, and pinned ones) reach
 * stays; the rest goes, unless it is young, since a stage at work puts blobs before anything names them.
 */
import type { Digest } from '@espalier/tensor';
import type { BlobInfo, BlobStore } from './blob-store';

/** Work in progress must not be collected; no stage leaves a blob unnamed for longer. */
const DEFAULT_OLDER_THAN_MS = 60 * 60 * 1000;

export interface GarbageOptions {
  readonly store: BlobStore;
  /** Digests of snapshots or blobs that stay, with everything that they name. Unknown ones are ignored. */
  readonly roots: Iterable<Digest>;
  /** Only what was last used longer ago than this is removed. Default: one hour. */
  readonly olderThanMs?: number;
  /** Remove only as much as it takes to come down to this size, the longest unused first. Default: everything unreached. */
  readonly maxBytes?: number;
  readonly dryRun?: boolean;
  readonly nowMs?: number;
}

export interface GarbageReport {
  readonly removed: readonly BlobInfo[];
  readonly removedBytes: number;
  /** What stays, reached or young. */
  readonly keptBytes: number;
  /** Of temporary files and caches of transfers. */
  readonly sweptBytes: number;
}

export async function collectGarbage(options: GarbageOptions): Promise<GarbageReport> {
  const { store } = options;
  const before = (options.nowMs ?? Date.now()) - (options.olderThanMs ?? DEFAULT_OLDER_THAN_MS);
  const reached = await reach(store, options.roots);
  const loose: BlobInfo[] = [];
  let bytes = 0;
  for await (const info of store.list()) {
    bytes += info.bytes;
    if (!reached.has(info.digest) && info.usedMs < before) loose.push(info);
  }
  loose.sort((a, b) => a.usedMs - b.usedMs || (a.digest < b.digest ? -1 : 1));

  const removed: BlobInfo[] = [];
  let removedBytes = 0;
  for (const info of loose) {
    if (options.maxBytes !== undefined && bytes - removedBytes <= options.maxBytes) break;
    // A manifest without its tensors is no snapshot, which `hasSnapshot` sees: the order of removal does not matter.
    if (!options.dryRun && !(await store.deleteUnused(info, before))) continue;
    removed.push(info);
    removedBytes += info.bytes;
  }
  const sweptBytes = options.dryRun ? 0 : await store.sweep(before);
  return { removed, removedBytes, keptBytes: bytes - removedBytes, sweptBytes };
}

async function reach(store: BlobStore, roots: Iterable<Digest>): Promise<Set<Digest>> {
  const reached = new Set<Digest>();
  for (const root of roots) {
    if (reached.has(root)) continue;
    reached.add(root);
    if (!(await store.hasManifest(root))) continue;
    for (const { digest } of (await store.getManifest(root)).tensors) reached.add(digest);
  }
  return reached;
}
