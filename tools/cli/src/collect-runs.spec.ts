import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobStore, Pins, RecordStore, RunLog } from '@espalier/store';
import { collectRuns } from './collect-runs';
import { runsFolder, type RunsFolder } from './runs-folder';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('gc', () => {
  let root: string;
  let folder: RunsFolder;
  let store: BlobStore;
  let cache: RecordStore;
  let pins: Pins;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'espalier-gc-'));
    folder = runsFolder(root);
    store = await BlobStore.open(join(folder.store('trainer'), 'store'));
    cache = await RecordStore.open(join(folder.store('trainer'), 'cache'));
    pins = await Pins.open(folder.store('pins'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** A run whose data set is one manifest and one image blob, and which made one artifact. */
  async function addRun(
    id: string,
    end?: string,
  ): Promise<{ images: string; data: string; artifact: string }> {
    const images = await store.put(bytes(`images of ${id}`));
    const data = await store.put(bytes(JSON.stringify({ images })));
    const artifact = await store.put(bytes(`artifact of ${id}`));
    const result = { outputs: { artifact: { kind: 'blob', digest: artifact } }, metrics: {} };
    await cache.put(`key-${id}`, result);
    await using log = await RunLog.open(folder.file(id, 'events'));
    await log.append('run.created', { recipe: { name: id, resolved: { data } } });
    await log.append('stage.done', {
      title: 'encode',
      key: `key-${id}`,
      spec: { kind: 'encode', inputs: {} },
      result,
    });
    if (end !== undefined) await log.append(end, {});
    return { images, data, artifact };
  }

  it('keeps what runs need, the blobs of their data sets with it, and removes the rest', async () => {
    const kept = await addRun('a', 'run.done');
    const gone = await addRun('b', 'run.done');
    rmSync(folder.run('b'), { recursive: true });
    const result = await collectRuns(folder, { dryRun: false, pins });
    expect(result.removedBlobs).toBe(3);
    for (const digest of Object.values(kept)) expect(await store.has(digest)).toBe(true);
    for (const digest of Object.values(gone)) expect(await store.has(digest)).toBe(false);
    expect(await cache.keys()).toEqual(['key-a']);
  });

  it('changes nothing in a dry run', async () => {
    await addRun('b', 'run.done');
    rmSync(folder.run('b'), { recursive: true });
    const { removedBlobs, removedRecords } = await collectRuns(folder, { dryRun: true, pins });
    expect([removedBlobs, removedRecords]).toEqual([3, 1]);
    expect(await cache.keys()).toEqual(['key-b']);
  });

  it('takes the oldest finished runs down to a size, but neither pinned nor unfinished ones', async () => {
    const pinned = await addRun('a', 'run.done');
    const oldest = await addRun('b', 'run.done');
    const open = await addRun('c', 'run.stopped');
    await pins.pin('a', Object.values(pinned));
    const { thinned } = await collectRuns(folder, { dryRun: false, pins, maxBytes: 0 });
    expect(thinned).toEqual(['b']);
    expect(await store.has(oldest.artifact)).toBe(false);
    for (const digest of [pinned.artifact, open.artifact]) expect(await store.has(digest)).toBe(true);
  });

  it('keeps checkpoints as long as a run may go on from them', async () => {
    const snapshot = await store.put(bytes('snapshot'));
    await addRun('a', 'run.stopped');
    await cache.put('checkpoint-1', { snapshot, step: 3 });
    await collectRuns(folder, { dryRun: false, pins });
    expect(await store.has(snapshot)).toBe(true);
    rmSync(folder.run('a'), { recursive: true });
    await collectRuns(folder, { dryRun: false, pins });
    expect([await store.has(snapshot), await cache.keys()]).toEqual([false, []]);
  });
});
