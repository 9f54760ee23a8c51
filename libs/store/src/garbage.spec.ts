import { float32, type Snapshot } from '@espalier/tensor';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobStore } from './blob-store';
import { collectGarbage } from './garbage';
import { Pins } from './pins';
import { tempFolder } from './testing/temp-folder';

const HOUR_MS = 3_600_000;
const later = (): number => Date.now() + 2 * HOUR_MS;

function snapshot(value: number): Snapshot {
  return {
    network: null,
    tensors: new Map([
      ['shared', float32([2], Float32Array.of(7, 7))],
      ['own', float32([2], Float32Array.of(value, value))],
    ]),
    info: {},
  };
}

describe('collectGarbage', () => {
  it('keeps what the roots reach, tensors of snapshots and plain blobs, and removes the rest', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const kept = await store.putSnapshot(snapshot(1));
    const lost = await store.putSnapshot(snapshot(2));
    const blob = await store.put(Uint8Array.of(1));
    const loose = await store.put(Uint8Array.of(2));
    const report = await collectGarbage({ store, roots: [kept.id, blob, 'f'.repeat(64)], nowMs: later() });
    expect(await store.hasSnapshot(kept.id)).toBe(true);
    expect(await store.has(blob)).toBe(true);
    expect(await store.has(loose)).toBe(false);
    expect(await store.hasManifest(lost.id)).toBe(false);
    expect(report.removed).toHaveLength(3);
    expect(report.removedBytes).toBeGreaterThan(8);
  });

  it('leaves alone what is young: a stage at work has not named it yet', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const digest = await store.put(Uint8Array.of(1));
    expect((await collectGarbage({ store, roots: [] })).removed).toEqual([]);
    expect(await store.has(digest)).toBe(true);
  });

  it('removes only as much as a size limit asks for', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    for (let i = 0; i < 10; i++) await store.put(new Uint8Array(100).fill(i));
    const report = await collectGarbage({ store, roots: [], maxBytes: 450, nowMs: later() });
    expect([report.removed.length, report.keptBytes]).toEqual([6, 400]);
  });

  it('only reports when it runs dry', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const digest = await store.put(Uint8Array.of(1));
    expect((await collectGarbage({ store, roots: [], dryRun: true, nowMs: later() })).removed).toHaveLength(
      1,
    );
    expect(await store.has(digest)).toBe(true);
  });

  it('sweeps temporary files', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    await writeFile(join(folder.path, 'partial', `${'0'.repeat(64)}.masked`), 'half');
    expect((await collectGarbage({ store, roots: [], nowMs: later() })).sweptBytes).toBe(4);
  });

  it('keeps what is pinned', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(join(folder.path, 'store'));
    const pins = await Pins.open(join(folder.path, 'pins'));
    const { id } = await store.putSnapshot(snapshot(1));
    await pins.pin('best', [id]);
    await collectGarbage({ store, roots: await pins.roots(), nowMs: later() });
    expect(await store.hasSnapshot(id)).toBe(true);
    await pins.unpin('best');
    await collectGarbage({ store, roots: await pins.roots(), nowMs: later() });
    expect(await store.hasSnapshot(id)).toBe(false);
  });
});
