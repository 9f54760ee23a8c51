import { silentLogger } from '@espalier/base';
import type { LayerView } from '@espalier/protocol';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VIEWS_FOLDER, ViewShelf } from './view-shelf';

const key = (index: number): string => String(index).repeat(64);
const PICTURE_BYTES = 10_000;

const layer = (name: string, more: Partial<LayerView> = {}): LayerView => ({
  ...{ name, kind: 'dense', shape: [2, 2], weights: 4, kept: 3 },
  picture: { form: 'bits', rows: 2, cols: 2, data: 'x'.repeat(PICTURE_BYTES) },
  ...more,
});

describe('the shelf of pictures', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'espalier-shelf-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const onDisk = async (): Promise<readonly string[]> =>
    (await readdir(join(dir, ...VIEWS_FOLDER))).map((file) => file[0]).sort();

  /** Brings a run within its limit. */
  const keep = (shelf: ViewShelf, keys: readonly string[], others: readonly string[] = []) =>
    shelf.keepWithin(
      {
        keys: () => keys,
        latest: () => new Set([...others, ...keys.filter((each) => shelf.version(each) > 0).slice(-1)]),
      },
      silentLogger,
    );

  const limits = {
    heldBytes: 64 * PICTURE_BYTES,
    runBytes: 3.5 * PICTURE_BYTES,
    stageBytes: 2.5 * PICTURE_BYTES,
  };

  it('lets those of the oldest stages of a run go, and nothing of other runs', async () => {
    const shelf = await ViewShelf.open(dir, limits);
    const run = [1, 2, 3, 4, 5].map(key);
    await shelf.put(key(9), layer('fc1'));
    for (const stage of run) {
      await shelf.put(stage, layer('fc1'));
      await keep(shelf, run);
    }
    expect(await onDisk()).toEqual(['3', '4', '5', '9']);
    expect(run.map((stage) => shelf.version(stage) > 0)).toEqual([false, false, true, true, true]);
    expect(await shelf.get(key(1))).toBeUndefined();

    // One that is started anew knows what lies there.
    const again = await ViewShelf.open(dir, limits);
    await again.put(key(6), layer('fc1'));
    await keep(again, [...run, key(6)]);
    expect(await onDisk()).toEqual(['4', '5', '6', '9']);
  });

  it('keeps those of the latest stage, however large', async () => {
    const shelf = await ViewShelf.open(dir, { ...limits, runBytes: 1, stageBytes: Infinity });
    await shelf.put(key(1), layer('fc1'));
    await shelf.put(key(2), layer('fc1'));
    await shelf.put(key(2), layer('fc2'));
    // The last stage of the run has none yet.
    await keep(shelf, [1, 2, 3].map(key));
    expect(await onDisk()).toEqual(['2']);
    expect((await shelf.get(key(2)))?.map(({ name }) => name)).toEqual(['fc1', 'fc2']);
  });

  it('removes no more when it is asked by many at once', async () => {
    const shelf = await ViewShelf.open(dir, limits);
    const run = [1, 2, 3, 4, 5].map(key);
    for (const stage of run) await shelf.put(stage, layer('fc1'));
    const removed = await Promise.all([1, 2, 3].map(() => keep(shelf, run)));
    expect(removed).toEqual([[key(1), key(2)], [], []]);
    expect(await onDisk()).toEqual(['3', '4', '5']);
  });

  it('leaves what another run has last', async () => {
    const shelf = await ViewShelf.open(dir, limits);
    const run = [1, 2, 3, 4, 5].map(key);
    for (const stage of run) await shelf.put(stage, layer('fc1'));
    expect(await keep(shelf, run, [key(1)])).toEqual([key(2), key(3)]);
    expect(await onDisk()).toEqual(['1', '4', '5']);
  });

  it('lets no write bring back what is removed, and counts what comes afterwards', async () => {
    const shelf = await ViewShelf.open(dir, limits);
    const only = (...keys: string[]) => shelf.tidy((each) => keys.includes(each), silentLogger);
    await shelf.put(key(2), layer('fc1'));
    const writes = ['fc1', 'fc2'].map((name) => shelf.put(key(1), layer(name)));
    await shelf.get(key(2));
    await Promise.all([only(key(2)), ...writes]);
    await only(key(2));
    expect(await onDisk()).toEqual(['2']);

    await shelf.put(key(1), layer('fc1'));
    const removal = only(key(2));
    await Promise.all([shelf.put(key(1), layer('fc3')), removal]);
    expect(await onDisk()).toEqual(['1', '2']);
    expect((await shelf.get(key(1)))?.map(({ name }) => name)).toEqual(['fc3']);
    const again = await ViewShelf.open(dir, limits);
    expect((await again.get(key(1)))?.map(({ name }) => name)).toEqual(['fc3']);
  });

  it('loses nothing where little of it is held in memory', async () => {
    const shelf = await ViewShelf.open(dir, { runBytes: Infinity, stageBytes: Infinity, heldBytes: 1 });
    const stages = Array.from({ length: 8 }, (_, i) => key(i));
    const names = ['fc1', 'fc2', 'fc3'];
    await Promise.all(names.flatMap((name) => stages.map((stage) => shelf.put(stage, layer(name)))));
    for (const stage of stages) {
      expect((await shelf.get(stage))?.map((each) => each.name)).toEqual(names);
    }
  });

  it('takes layers without pictures where a stage has no more room for them, and again with them where it has', async () => {
    const shelf = await ViewShelf.open(dir, limits);
    for (const name of ['fc1', 'fc2', 'fc3']) await shelf.put(key(1), layer(name));
    expect((await shelf.get(key(1)))?.map(({ picture }) => picture !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
    await shelf.put(key(1), layer('fc1', { picture: undefined, kept: 2 }));
    await shelf.put(key(1), layer('fc3'));
    const layers = (await shelf.get(key(1))) ?? [];
    expect(layers.map(({ picture, kept }) => [picture !== undefined, kept])).toEqual([
      [false, 2],
      [true, 3],
      [true, 3],
    ]);
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => shelf.put(key(2), layer(`layer ${i}`))));
    const file = await readFile(join(dir, ...VIEWS_FOLDER, `${key(2)}.json`));
    expect(file.byteLength).toBeLessThan(1.1 * limits.stageBytes);
    expect((await shelf.get(key(2)))?.length).toBeGreaterThan(10);
  });
});
