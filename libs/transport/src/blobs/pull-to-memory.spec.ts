import { errorCode } from '@espalier/base';
import { BlobStore } from '@espalier/store';
import { float32, Mask, tensor, tensorBytes, type Snapshot } from '@espalier/tensor';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Door } from '../accept';
import { cuttingProxy } from '../testing/cutting-proxy';
import { tempFolder } from '../testing/temp-folder';
import { newToken } from '../tokens';
import { pullSnapshotToMemory } from './pull-to-memory';
import { BLOBS_PATH, serveBlobs } from './serve-blobs';

const MiB = 1024 * 1024;
const token = newToken();

const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => errorCode(error) ?? String(error),
  );

/** A large dense tensor, a large sparse one, small ones, two that are the same, an empty one. */
function network(): Snapshot {
  const dense = Float32Array.from({ length: 1.5 * MiB + 3 }, (_, i) => i + 1);
  const sparse = Float32Array.from({ length: 1.5 * MiB }, (_, i) => (i % 7 === 0 ? i + 1 : 0));
  const bias = new Float32Array(10).fill(0.25);
  return {
    network: { name: 'test' },
    tensors: new Map([
      ['fc1/kernel', float32([dense.length], dense)],
      ['fc2/kernel', float32([sparse.length], sparse)],
      ['fc2/kernel:mask', Mask.fromFlags([sparse.length], sparse).toTensor()],
      ['fc1/bias', float32([10], bias)],
      ['fc2/bias', float32([2, 5], bias)],
      ['fc3/codes', tensor('uint16', [2000], new Uint16Array(2000).fill(7, 0, 100))],
      ['fc4/kernel', float32([0], new Float32Array(0))],
    ]),
    info: { step: 3 },
  };
}

async function owner(): Promise<
  { id: string; store: BlobStore; door: Door; folder: string; snapshot: Snapshot } & AsyncDisposable
> {
  const folder = await tempFolder();
  const store = await BlobStore.open(folder.path);
  const snapshot = network();
  const { id } = await store.putSnapshot(snapshot);
  const door = await serveBlobs({ store, tokens: [{ token, scope: 'service' }] });
  return {
    id,
    store,
    door,
    folder: folder.path,
    snapshot,
    async [Symbol.asyncDispose]() {
      await door.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function expectSame(actual: Snapshot, expected: Snapshot): void {
  expect(actual.network).toEqual(expected.network);
  expect(actual.info).toEqual(expected.info);
  expect([...actual.tensors.keys()].sort()).toEqual([...expected.tensors.keys()].sort());
  for (const [name, value] of expected.tensors) {
    const got = actual.tensors.get(name);
    expect([name, got?.dtype, got?.shape]).toEqual([name, value.dtype, value.shape]);
    expect(got && Buffer.compare(tensorBytes(got), tensorBytes(value))).toBe(0);
  }
}

describe('a snapshot that is pulled into memory', () => {
  it('is the same, in either form, and tensors with the same bytes have an array each', async () => {
    await using t = await owner();
    for (const forms of [['dense', 'masked'], ['dense']] as const) {
      const { snapshot, wire } = await pullSnapshotToMemory({ id: t.id, urls: [t.door.url], token, forms });
      expectSame(snapshot, t.snapshot);
      expect(wire.had).toBe(40);
      expect(wire.masked > 0).toBe(forms.length === 2);
      const [first, second] = ['fc1/bias', 'fc2/bias'].map((name) => snapshot.tensors.get(name)?.data.buffer);
      expect(first).not.toBe(second);
    }
  });

  it('goes on at the chunk when the connection is cut, in either form', async () => {
    await using t = await owner();
    await using proxy = await cuttingProxy(t.door.port, [3 * MiB, 4 * MiB]);
    const url = `ws://127.0.0.1:${proxy.port}${BLOBS_PATH}`;
    const { snapshot, wire } = await pullSnapshotToMemory({ id: t.id, urls: [url], token });
    expectSame(snapshot, t.snapshot);
    expect(proxy.connections).toBe(3);
    const once = await pullSnapshotToMemory({ id: t.id, urls: [t.door.url], token });
    expect(wire.dense + wire.masked).toBeLessThanOrEqual(once.wire.dense + once.wire.masked + 2 * MiB);
  });

  it('is refused before a tensor is asked for when it is larger than the caller bears', async () => {
    await using t = await owner();
    const pull = pullSnapshotToMemory({ id: t.id, urls: [t.door.url], token, maxBytes: 5 * MiB });
    expect(await codeOf(pull)).toBe('TRANSPORT_TOO_LARGE');
  });

  it('is not given out when a tensor is damaged at its owner, large or small', async () => {
    for (const name of ['fc1/kernel', 'fc2/kernel', 'fc1/bias']) {
      await using t = await owner();
      const { tensors } = await t.store.getManifest(t.id);
      const digest = tensors.find((entry) => entry.name === name)?.digest ?? '';
      const path = join(t.folder, 'blobs', digest.slice(0, 2), digest);
      const content = await readFile(path);
      content[content.byteLength - 1] ^= 1;
      await writeFile(path, content);
      expect(await codeOf(pullSnapshotToMemory({ id: t.id, urls: [t.door.url], token }))).toBe(
        'TRANSPORT_CORRUPT',
      );
    }
  });

  it('is missing where nobody has it, and refused to a wrong token', async () => {
    await using t = await owner();
    const urls = [t.door.url];
    expect(await codeOf(pullSnapshotToMemory({ id: '0'.repeat(64), urls, token }))).toBe('TRANSPORT_MISSING');
    expect(await codeOf(pullSnapshotToMemory({ id: t.id, urls, token: 'wrong' }))).toBe('TRANSPORT_REFUSED');
  });
});
