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

  const limits = { runBytes: 3.5 * PICTURE_BYTES, stageBytes: 2.5 * PICTURE_BYTES };

  it('lets those of the oldest stages of a run go, and nothing of other runs', async () => {
    const shelf = await ViewShelf.open(dir, limits);
    const run = [1, 2, 3, 4, 5].map(key);
    await shelf.put(key(9), layer('fc1'));
    for (const stage of run) {
      await shelf.put(stage, layer('fc1'));
      await shelf.keepWithin(run, silentLogger);
    }
    expect(await onDisk()).toEqual(['3', '4', '5', '9']);
    expect(run.map((stage) => shelf.version(stage) > 0)).toEqual([false, false, true, true, true]);
    expect(await shelf.get(key(1))).toBeUndefined();

    // One that is started anew knows what lies there.
    const again = await ViewShelf.open(dir, limits);
    await again.put(key(6), layer('fc1'));
    await again.keepWithin([...run, key(6)], silentLogger);
    expect(await onDisk()).toEqual(['4', '5', '6', '9']);
  });

  it('keeps those of the latest stage, however large', async () => {
    const shelf = await ViewShelf.open(dir, { runBytes: 1, stageBytes: Infinity });
    await shelf.put(key(1), layer('fc1'));
    await shelf.put(key(2), layer('fc1'));
    await shelf.put(key(2), layer('fc2'));
    // The last stage of the run has none yet.
    await shelf.keepWithin([1, 2, 3].map(key), silentLogger);
    expect(await onDisk()).toEqual(['2']);
    expect((await shelf.get(key(2)))?.map(({ name }) => name)).toEqual(['fc1', 'fc2']);
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
