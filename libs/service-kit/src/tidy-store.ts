/**
 * Keeps a service's store below a size. What goes first: blobs that nothing names (replaced checkpoints, inputs that were
 * pulled), the longest unused first. Then results that nobody asked for in a week, with their records; the coordinator
 * has such a stage run again when a run turns out to need it after all. Everything younger stays, over the limit or not,
 * and so does what pinned runs need.
 */
import { statfs } from 'node:fs/promises';
import { dataBlobsOf, parseDataManifest } from '@espalier/datasets';
import { collectGarbage, type BlobStore, type RecordStore } from '@espalier/store';
import type { Digest } from '@espalier/tensor';

export const GIB = 1024 ** 3;
const DEFAULT_BYTES = 20 * GIB;
const DEFAULT_SHARE_OF_DISK = 0.8;
/** Results and data sets in use within this time are never removed. */
export const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
/** A stage puts blobs before anything names them, within seconds. */
export const YOUNG_MS = 5 * 60 * 1000;
/** Records that are forgotten between two looks at the size. */
const FORGET_AT_ONCE = 16;

export interface TidyOptions {
  readonly store: BlobStore;
  /** Results by stage key, and checkpoints. */
  readonly cache: RecordStore;
  /** Data sets in use, by `dataUse`. */
  readonly uses: RecordStore;
  readonly maxBytes: number;
  /** Those of these digests that must stay in any case. Nothing is removed when this rejects. */
  pinned(digests: readonly Digest[]): Promise<ReadonlySet<Digest>>;
  /** What a stage at work starts from: it stays, and no record is forgotten meanwhile. */
  readonly working?: readonly Digest[];
  readonly nowMs?: number;
}

export interface TidyReport {
  readonly keptBytes: number;
  readonly removedBytes: number;
  readonly forgottenResults: number;
}

/** The smaller of 20 GiB and 80 % of the disk. */
export async function defaultStoreBytes(dir: string): Promise<number> {
  const { blocks, bsize } = await statfs(dir);
  return Math.min(DEFAULT_BYTES, Math.floor(DEFAULT_SHARE_OF_DISK * blocks * bsize));
}

/** Name of the record that says that a data set was used. */
export function dataUse(data: Digest): string {
  return `${DATA}${data}`;
}

/** Below the limit nothing is looked at but sizes. The caller sees to it that nothing is pulled meanwhile. */
export async function tidyStore(options: TidyOptions): Promise<TidyReport> {
  const { store, cache, uses, maxBytes, working, nowMs = Date.now() } = options;
  let keptBytes = 0;
  const present: Digest[] = [];
  for await (const { digest, bytes } of store.list()) {
    present.push(digest);
    keptBytes += bytes;
  }
  if (keptBytes <= maxBytes) return { keptBytes, removedBytes: 0, forgottenResults: 0 };

  const pinned = await options.pinned(present);
  const roots = new Map<string, readonly Digest[]>();
  const old: string[] = [];
  for (const { key, usedMs } of await cache.list()) {
    // A damaged record protects nothing: its stage would have to run again in any case.
    const outputs = outputsOf(await cache.find(key));
    roots.set(key, outputs);
    const isPinned = outputs.length > 0 && outputs.every((digest) => pinned.has(digest));
    if (usedMs < nowMs - KEPT_MS && !isPinned) old.push(key);
  }
  for (const { key, usedMs } of await uses.list()) {
    const data = key.slice(DATA.length);
    if (usedMs >= nowMs - KEPT_MS || pinned.has(data)) roots.set(key, await withDataBlobs(store, data));
  }
  const collect = () =>
    collectGarbage({
      store,
      roots: [...pinned, ...[...roots.values()].flat(), ...(working ?? [])],
      olderThanMs: YOUNG_MS,
      maxBytes,
      nowMs,
    });

  let report = await collect();
  let { removedBytes } = report;
  let forgottenResults = 0;
  while (report.keptBytes > maxBytes && old.length > 0 && !working) {
    for (const key of old.splice(0, FORGET_AT_ONCE)) {
      await cache.delete(key);
      roots.delete(key);
      forgottenResults++;
    }
    report = await collect();
    removedBytes += report.removedBytes;
  }
  return { keptBytes: report.keptBytes, removedBytes, forgottenResults };
}

/** What a lease starts from: its inputs, and the blobs of its data set. */
export async function workingOn(
  store: BlobStore,
  stage: { readonly inputs: Readonly<Record<string, { digest: Digest }>>; readonly data?: Digest },
): Promise<Digest[]> {
  const inputs = Object.values(stage.inputs).map(({ digest }) => digest);
  return [...inputs, ...(stage.data === undefined ? [] : await withDataBlobs(store, stage.data))];
}

const DATA = 'data-';

/** A data set's manifest and what it names; nothing when it is not here. */
async function withDataBlobs(store: BlobStore, data: Digest): Promise<readonly Digest[]> {
  if (!(await store.has(data))) return [];
  const manifest = parseDataManifest(JSON.parse(new TextDecoder().decode(await store.get(data))));
  return [data, ...dataBlobsOf(manifest)];
}

/** Of a stage's result, or of a checkpoint (`{ snapshot, step }`). */
function outputsOf(record: unknown): readonly Digest[] {
  const { outputs = {}, snapshot } = (record ?? {}) as {
    readonly outputs?: Readonly<Record<string, { readonly digest: Digest }>>;
    readonly snapshot?: Digest;
  };
  return [
    ...Object.values(outputs).map(({ digest }) => digest),
    ...(typeof snapshot === 'string' ? [snapshot] : []),
  ];
}
