import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataBlobs, dataManifest, dataManifestBytes } from '@espalier/datasets';
import { BlobStore, RecordStore } from '@espalier/store';
import { float32 } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { dataUse, defaultStoreBytes, GIB, KEPT_MS, tidyStore, workingOn, YOUNG_MS } from './tidy-store';

const BYTES = 4_000;

describe('tidying a store', () => {
  let dir: string;
  let store: BlobStore;
  let cache: RecordStore;
  let uses: RecordStore;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'espalier-tidy-'));
    store = await BlobStore.open(join(dir, 'store'));
    cache = await RecordStore.open(join(dir, 'cache'));
    uses = await RecordStore.open(join(dir, 'uses'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  /** Nothing is pinned. */
  const common = () => ({ store, cache, uses, pinned: async () => new Set<string>() });
  const snapshot = async (value: number): Promise<string> => {
    const tensors = new Map([['fc1/kernel', float32([BYTES / 4], new Float32Array(BYTES / 4).fill(value))]]);
    return (await store.putSnapshot({ network: null, tensors, info: {} })).id;
  };
  const result = async (key: string, digest: string): Promise<void> =>
    cache.put(key, { outputs: { snapshot: { kind: 'snapshot', digest } }, metrics: {} });
  const putDataSet = async (): Promise<{ data: string; images: string }> => {
    const samples = {
      images: new Uint8Array(8),
      labels: new Uint8Array(2),
      count: 2,
      shape: [2, 2, 1] as const,
    };
    const dataset = { name: 'toy', classes: 2, train: samples, test: samples };
    const manifest = dataManifest(dataset, sha256);
    for (const blob of dataBlobs(dataset, manifest).values()) await store.put(blob);
    const data = await store.put(dataManifestBytes(manifest));
    return { data, images: manifest.splits.train.images };
  };
  const soon = (): number => Date.now() + 2 * YOUNG_MS;
  const muchLater = (): number => Date.now() + 2 * KEPT_MS;

  it('does nothing below the limit', async () => {
    const loose = await snapshot(1);
    const report = await tidyStore({ ...common(), maxBytes: 2 * BYTES, nowMs: muchLater() });
    expect(report).toMatchObject({ removedBytes: 0, forgottenResults: 0 });
    expect(await store.hasSnapshot(loose)).toBe(true);
  });

  it('removes replaced checkpoints, and keeps results and the checkpoint that stands', async () => {
    const [made, replaced, standing] = [await snapshot(1), await snapshot(2), await snapshot(3)];
    await result('a', made);
    await cache.put('checkpoint-b', { snapshot: standing, step: 7 });
    const report = await tidyStore({ ...common(), maxBytes: BYTES, nowMs: soon() });
    expect(report.removedBytes).toBeGreaterThan(BYTES);
    expect(await store.hasSnapshot(replaced)).toBe(false);
    // Over the limit still, but in use within the week.
    expect(await Promise.all([made, standing].map((id) => store.hasSnapshot(id)))).toEqual([true, true]);
    expect(await cache.keys()).toEqual(['a', 'checkpoint-b']);
  });

  it('keeps what is pinned, for ever: snapshots that it made or pulled, data sets with their blobs, records', async () => {
    const [made, pulled, other] = [await snapshot(1), await snapshot(2), await snapshot(3)];
    await result('a', made);
    await result('b', other);
    const { data, images } = await putDataSet();
    await uses.put(dataUse(data), {});
    const pinned = async (asked: readonly string[]) =>
      new Set([made, pulled, data].filter((digest) => asked.includes(digest)));
    const report = await tidyStore({ ...common(), pinned, maxBytes: 0, nowMs: muchLater() });
    expect(report.forgottenResults).toBe(1);
    expect(await Promise.all([made, pulled, other].map((id) => store.hasSnapshot(id)))).toEqual([
      true,
      true,
      false,
    ]);
    expect(await cache.keys()).toEqual(['a']);
    expect(await Promise.all([data, images].map((id) => store.has(id)))).toEqual([true, true]);
  });

  it('removes nothing when nobody can tell what is pinned', async () => {
    const loose = await snapshot(1);
    const pinned = () => Promise.reject(new Error('the hub is away'));
    await expect(tidyStore({ ...common(), pinned, maxBytes: 0, nowMs: muchLater() })).rejects.toThrow('away');
    expect(await store.hasSnapshot(loose)).toBe(true);
  });

  it('leaves alone what is young: a stage at work has not named it yet', async () => {
    const fresh = await snapshot(1);
    await tidyStore({ ...common(), maxBytes: 0 });
    expect(await store.hasSnapshot(fresh)).toBe(true);
  });

  it('forgets results that nobody asked for in a week, records first, and none while a stage is at work', async () => {
    const made = await snapshot(1);
    await result('a', made);
    const working = await workingOn(store, { inputs: {} });
    await tidyStore({ ...common(), maxBytes: 0, working, nowMs: muchLater() });
    expect(await store.hasSnapshot(made)).toBe(true);
    const report = await tidyStore({ ...common(), maxBytes: 0, nowMs: muchLater() });
    expect(report).toMatchObject({ forgottenResults: 1, keptBytes: 0 });
    expect(await cache.keys()).toEqual([]);
  });

  it('keeps what a stage at work starts from', async () => {
    const [start, loose] = [await snapshot(1), await snapshot(2)];
    const working = await workingOn(store, { inputs: { start: { digest: start } } });
    await tidyStore({ ...common(), maxBytes: 0, working, nowMs: soon() });
    expect([await store.hasSnapshot(start), await store.hasSnapshot(loose)]).toEqual([true, false]);
  });

  it('keeps a data set that was used within a week: its owner may have gone', async () => {
    const { data, images } = await putDataSet();
    await uses.put(dataUse(data), {});
    await tidyStore({ ...common(), maxBytes: 0, nowMs: soon() });
    expect(await store.has(images)).toBe(true);
    await tidyStore({ ...common(), maxBytes: 0, nowMs: muchLater() });
    expect(await store.has(data)).toBe(false);
  });

  it('has a limit of at most 20 GiB by default', async () => {
    const bytes = await defaultStoreBytes(dir);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(20 * GIB);
  });
});
