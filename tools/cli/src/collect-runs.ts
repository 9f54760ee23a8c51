/** What `gc` removes: everything in the stores of a runs folder that no run, and no pin, needs. */
import { BlobStore, RecordStore, collectGarbage, type Pins } from '@espalier/store';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { digestsOf, readRun, type RecordedRun } from './run-records';
import type { RunsFolder } from './runs-folder';

export interface CollectOptions {
  readonly dryRun: boolean;
  /** Go on with intermediate results of finished runs, oldest first, until no more than this is left. */
  readonly maxBytes?: number;
  readonly pins: Pins;
}

export interface Collected {
  readonly removedBytes: number;
  readonly removedBlobs: number;
  readonly removedRecords: number;
  readonly keptBytes: number;
  /** Runs whose intermediate results went; their files and logs stay. */
  readonly thinned: readonly string[];
  readonly stores: readonly {
    readonly store: string;
    readonly removedBytes: number;
    readonly keptBytes: number;
  }[];
}

/** The folder must be locked: nobody puts blobs meanwhile, so young ones need no mercy. */
export async function collectRuns(folder: RunsFolder, options: CollectOptions): Promise<Collected> {
  const runs = await readable(folder);
  const pinned = await options.pins.list();
  const thinnable = runs.filter(({ id, view }) => view.status === 'done' && !pinned.has(id));
  const thinned = new Set<string>();
  for (;;) {
    const roots = new Set([
      ...[...pinned.values()].flat(),
      ...runs.filter(({ id }) => !thinned.has(id)).flatMap((run) => digestsOf(run)),
    ]);
    const isOpen = runs.some(({ view }) => view.status !== 'done');
    const plan = await collect(folder, { roots, keepCheckpoints: isOpen, dryRun: true });
    const next = thinnable[thinned.size];
    if (options.maxBytes === undefined || plan.keptBytes <= options.maxBytes || !next) {
      const done = options.dryRun
        ? plan
        : await collect(folder, { roots, keepCheckpoints: isOpen, dryRun: false });
      return { ...done, thinned: [...thinned] };
    }
    thinned.add(next.id);
  }
}

async function readable(folder: RunsFolder): Promise<readonly RecordedRun[]> {
  const runs: RecordedRun[] = [];
  for (const id of folder.ids()) {
    const run = await readRun(folder, id);
    if (run) runs.push(run);
  }
  return runs;
}

interface Plan {
  readonly roots: ReadonlySet<string>;
  /** Of stages that were cut: a run that is not done goes on from them. */
  readonly keepCheckpoints: boolean;
  readonly dryRun: boolean;
}

async function collect(
  folder: RunsFolder,
  { roots, keepCheckpoints, dryRun }: Plan,
): Promise<Omit<Collected, 'thinned'>> {
  let removedBlobs = 0;
  let removedRecords = 0;
  const stores: Collected['stores'][number][] = [];
  for (const owner of ownersIn(folder)) {
    const cache = await RecordStore.open(join(folder.store(owner), 'cache'));
    const kept = new Set<string>();
    for (const key of await cache.keys()) {
      const outputs = outputsOf(await cache.find(key));
      const stays = key.startsWith('checkpoint-')
        ? keepCheckpoints && outputs.length > 0
        : outputs.length === 0 || outputs.every((digest) => roots.has(digest));
      if (stays) for (const digest of outputs) kept.add(digest);
      else {
        removedRecords++;
        if (!dryRun) await cache.delete(key);
      }
    }
    const store = await BlobStore.open(join(folder.store(owner), 'store'));
    const blobs = await withDataBlobs(store, new Set([...roots, ...kept]));
    const report = await collectGarbage({ store, roots: blobs, olderThanMs: 0, dryRun });
    removedBlobs += report.removed.length;
    stores.push({
      store: owner,
      removedBytes: report.removedBytes + report.sweptBytes,
      keptBytes: report.keptBytes,
    });
  }
  const sum = (of: (store: Collected['stores'][number]) => number): number =>
    stores.reduce((total, store) => total + of(store), 0);
  return {
    removedBlobs,
    removedRecords,
    stores,
    removedBytes: sum(({ removedBytes }) => removedBytes),
    keptBytes: sum(({ keptBytes }) => keptBytes),
  };
}

function ownersIn(folder: RunsFolder): readonly string[] {
  const root = folder.store('');
  if (!existsSync(root)) return [];
  return readdirSync(root).filter((owner) => existsSync(join(root, owner, 'store', 'blobs')));
}

/** A data set's manifest is a blob that names four others; the collector knows only manifests of snapshots. */
async function withDataBlobs(store: BlobStore, roots: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const all = new Set(roots);
  for (const digest of roots) {
    const size = await store.size(digest);
    if (size === undefined || size > MAX_DATA_MANIFEST_BYTES) continue;
    for (const named of digestsIn(await store.get(digest))) all.add(named);
  }
  return all;
}

const MAX_DATA_MANIFEST_BYTES = 4096;

/** Whatever looks like a digest in a small text: to keep too much is safe. */
function digestsIn(bytes: Uint8Array): readonly string[] {
  return new TextDecoder().decode(bytes).match(/\b[0-9a-f]{64}\b/g) ?? [];
}

/** Of a stage's result, or of a checkpoint. */
function outputsOf(record: unknown): readonly string[] {
  const { outputs, snapshot } = (record ?? {}) as {
    outputs?: Readonly<Record<string, { digest: string }>>;
    snapshot?: string;
  };
  return [
    ...Object.values(outputs ?? {}).map(({ digest }) => digest),
    ...(snapshot === undefined ? [] : [snapshot]),
  ];
}
