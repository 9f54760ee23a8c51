import { errorCode } from '@espalier/base';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordStore } from './record-store';
import { tempFolder } from './testing/temp-folder';

const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => errorCode(error) ?? String(error),
  );

describe('RecordStore', () => {
  it('keeps the last record of a key', async () => {
    await using folder = await tempFolder();
    const records = await RecordStore.open<{ output: string; error?: number }>(folder.path);
    expect(await records.get('train')).toBeUndefined();
    await records.put('train', { output: 'a', error: undefined });
    await records.put('train', { output: 'b', error: 0.0151 });
    expect(await records.get('train')).toEqual({ output: 'b', error: 0.0151 });
    expect(await records.keys()).toEqual(['train']);
    const { size } = await stat(join(folder.path, 'train.json'));
    expect(await records.bytes('train')).toBe(size);
    await records.delete('train');
    expect(await records.bytes('train')).toBe(0);
    expect(await records.keys()).toEqual([]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('says which record is damaged, and finds none there', async () => {
    await using folder = await tempFolder();
    const records = await RecordStore.open(folder.path);
    await records.put('train', { output: 'a' });
    for (const text of ['', '{', '{"version":9}', '{"version":1,"check":"x","value":{"output":"b"}}']) {
      await writeFile(join(folder.path, 'train.json'), text);
      expect(await codeOf(records.get('train'))).toBe('STORE_RECORD');
      expect(await records.find('train')).toBeUndefined();
    }
  });

  it('takes no key that climbs out of its folder', async () => {
    await using folder = await tempFolder();
    const records = await RecordStore.open(folder.path);
    for (const key of ['../x', 'a/b', '', '.hidden'])
      for (const done of [records.put(key, 1), records.find(key)])
        expect(await codeOf(done)).toBe('STORE_NAME');
  });
});
