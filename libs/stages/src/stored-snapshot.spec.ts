import { errorCode } from '@espalier/base';
import { BlobStore } from '@espalier/store';
import { float32, type Snapshot } from '@espalier/tensor';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoredSnapshot } from './stored-snapshot';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-stored-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start: Snapshot = {
  network: { name: 'small' },
  tensors: new Map([
    ['b/kernel', float32([2], Float32Array.of(1, 2))],
    ['a/kernel', float32([1], Float32Array.of(3))],
  ]),
  info: { step: 7 },
};

describe('a stored snapshot', () => {
  it('reads the tensors that are asked for, and says which one is missing', async () => {
    const store = await BlobStore.open(folder);
    const stored = await StoredSnapshot.open(store, (await store.putSnapshot(start)).id);
    expect(stored.names).toEqual(['a/kernel', 'b/kernel']);
    expect((await stored.tensor('b/kernel')).data).toEqual(Float32Array.of(1, 2));
    const { tensors, info } = await stored.load(['a/kernel', 'c/kernel']);
    expect([[...tensors.keys()], info]).toEqual([['a/kernel'], { step: 7 }]);
    expect(await stored.tensor('c/kernel').catch(errorCode)).toBe('TENSOR_MISSING');
  });

  it('becomes, through a draft, the snapshot that the store would make of the same tensors', async () => {
    const store = await BlobStore.open(folder);
    const stored = await StoredSnapshot.open(store, (await store.putSnapshot(start)).id);
    const draft = stored.draft();
    const large = float32([3_000_000], new Float32Array(3_000_000).fill(0.5));
    await draft.set('b/kernel', large);
    await draft.set('a/mask', float32([1], Float32Array.of(1)));
    const id = await draft.finish();
    const expected = { ...start, tensors: new Map(start.tensors) };
    expected.tensors.set('b/kernel', large).set('a/mask', float32([1], Float32Array.of(1)));
    expect(id).toBe((await store.putSnapshot(expected)).id);
    expect((await StoredSnapshot.open(store, id)).names).toEqual(['a/kernel', 'a/mask', 'b/kernel']);
  });
});
