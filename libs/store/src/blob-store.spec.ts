import { errorCode } from '@espalier/base';
import { float32, Mask, tensor, type Snapshot } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { mkdir, open, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobStore } from './blob-store';
import { tempFolder } from './testing/temp-folder';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => errorCode(error) ?? String(error),
  );

/** Every file below a folder. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function snapshot(seed = 1): Snapshot {
  const kernel = float32(
    [3, 4],
    Float32Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? seed + i : 0)),
  );
  return {
    network: { layers: [] },
    tensors: new Map([
      ['fc1/kernel', kernel],
      ['fc1/kernel:mask', Mask.fromFlags([3, 4], kernel.data).toTensor()],
      ['fc1/bias', float32([4], new Float32Array(4))],
      ['fc1/kernel:codes', tensor('uint16', [3, 4], new Uint16Array(12))],
    ]),
    info: { step: 1200 },
  };
}

describe('BlobStore', () => {
  it('gives back what was put, under the digest of its bytes', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const digest = await store.put(bytesOf('hello'));
    expect(digest).toBe(sha256(bytesOf('hello')));
    expect(await store.has(digest)).toBe(true);
    expect(await store.size(digest)).toBe(5);
    expect([...(await store.get(digest, { verify: true }))]).toEqual([...bytesOf('hello')]);
    expect(await collect(store.list())).toEqual([
      { digest, kind: 'blobs', bytes: 5, usedMs: expect.any(Number) },
    ]);
  });

  it('says which blob is missing, and that an absent one has no size', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const digest = sha256(bytesOf('nothing'));
    expect(await store.size(digest)).toBeUndefined();
    expect(await codeOf(store.get(digest))).toBe('STORE_MISSING');
    await store.delete(digest);
  });

  it('takes no name that is not a digest, so that no peer names a file outside', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    for (const name of ['../../etc/passwd', '', 'AB'.repeat(32), `${'a'.repeat(63)}/`]) {
      expect(await codeOf(store.get(name))).toBe('STORE_NAME');
      expect(await codeOf(store.delete(name))).toBe('STORE_NAME');
    }
  });

  it('finds a blob that was damaged on the disk when it is asked to verify', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const digest = await store.put(bytesOf('hello'));
    await writeFile(join(folder.path, 'blobs', digest.slice(0, 2), digest), 'hellO');
    expect(await codeOf(store.get(digest, { verify: true }))).toBe('STORE_DIGEST');
  });

  it('holds one file after many puts of the same blob at the same time', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const content = new Uint8Array(100_000).fill(3);
    const digests = await Promise.all(Array.from({ length: 20 }, () => store.put(content)));
    expect(new Set(digests).size).toBe(1);
    expect(await filesBelow(folder.path)).toEqual([digests[0]]);
    expect(sha256(await store.get(digests[0]))).toBe(digests[0]);
  });

  it('puts a stream without having it in memory, and refuses it when it is not what was expected', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const pieces = [bytesOf('a'), new Uint8Array(0), bytesOf('bc')];
    const { digest, bytes } = await store.putStream(pieces);
    expect([digest, bytes]).toEqual([sha256(bytesOf('abc')), 3]);
    expect(await codeOf(store.putStream(pieces, { expected: '0'.repeat(64) }))).toBe('STORE_DIGEST');
    expect(await filesBelow(folder.path)).toEqual([digest]);
  });

  it('leaves nothing of a stream that breaks in the middle', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytesOf('abc');
      throw new Error('the cable');
    }
    await expect(store.putStream(broken())).rejects.toThrow('the cable');
    expect(await filesBelow(folder.path)).toEqual([]);
  });

  it('streams a blob in pieces, whose ends need not meet', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    for (const size of [0, 1, 9, 10, 11, 20]) {
      const content = Uint8Array.from({ length: size }, (_, i) => i);
      const digest = await store.put(content);
      const pieces = await collect(store.stream(digest, 10));
      expect(Buffer.concat(pieces)).toEqual(Buffer.from(content));
      expect(Math.max(0, ...pieces.map((piece) => piece.byteLength))).toBeLessThanOrEqual(10);
    }
  });

  it('says that the disk is full, and leaves no partial file', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const probe = await open(join(folder.path, 'probe'), 'w');
    const prototype = Object.getPrototypeOf(probe) as { write: unknown };
    await probe.close();
    const full = jest
      .spyOn(prototype as { write(): Promise<unknown> }, 'write')
      .mockImplementation(() =>
        Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })),
      );
    try {
      expect(await codeOf(store.put(bytesOf('too much')))).toBe('STORE_DISK_FULL');
      expect(await codeOf(store.putStream([bytesOf('too much')]))).toBe('STORE_DISK_FULL');
    } finally {
      full.mockRestore();
    }
    expect(await filesBelow(folder.path)).toEqual(['probe']);
    expect(await store.get(await store.put(bytesOf('too much')))).toHaveLength(8);
  });

  it('removes what a killed process left, and nothing that is young', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const digest = await store.put(bytesOf('hello'));
    const shard = join(folder.path, 'blobs', digest.slice(0, 2));
    const leftOver = join(shard, `.tmp-${digest}-abc`);
    const partial = join(folder.path, 'partial', `${'0'.repeat(64)}.dense`);
    for (const path of [leftOver, partial]) {
      await writeFile(path, 'half');
      await utimes(path, 1000, 1000);
    }
    await writeFile(join(shard, `.tmp-${digest}-young`), 'half');
    await BlobStore.open(folder.path);
    expect((await filesBelow(folder.path)).sort()).toEqual([`.tmp-${digest}-young`, digest].sort());
    expect(await store.has(digest)).toBe(true);
  });

  it('does not list or serve temporary files', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    await mkdir(join(folder.path, 'blobs', '00'), { recursive: true });
    await writeFile(join(folder.path, 'blobs', '00', `.tmp-${'0'.repeat(64)}-abc`), 'half');
    expect(await collect(store.list())).toEqual([]);
    expect(await store.has('0'.repeat(64))).toBe(false);
  });

  it('looks used when it is put again', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const digest = await store.put(bytesOf('hello'));
    const path = join(folder.path, 'blobs', digest.slice(0, 2), digest);
    await utimes(path, 1000, 1000);
    await store.put(bytesOf('hello'));
    expect((await stat(path)).mtimeMs).toBeGreaterThan(1_000_000_000_000);
  });
});

describe('snapshots in the store', () => {
  it('come back tensor by tensor, under the digest of the manifest', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const { id, manifest } = await store.putSnapshot(snapshot());
    expect(await store.hasSnapshot(id)).toBe(true);
    expect(await store.getManifest(id)).toEqual(manifest);
    expect(sha256(await store.getManifestBytes(id))).toBe(id);
    const back = await store.getSnapshot(id);
    expect(back.info).toEqual({ step: 1200 });
    for (const [name, value] of snapshot().tensors) expect(back.tensors.get(name)).toEqual(value);
  });

  it('share the tensors that are the same', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    await store.putSnapshot(snapshot(1));
    const before = (await collect(store.list())).length;
    await store.putSnapshot(snapshot(2));
    // One kernel and one manifest are new.
    expect((await collect(store.list())).length).toBe(before + 2);
  });

  it('are not there before the last tensor is', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const { id, manifest } = await store.putSnapshot(snapshot());
    await store.delete(manifest.tensors[0].digest);
    expect(await store.hasManifest(id)).toBe(true);
    expect(await store.hasSnapshot(id)).toBe(false);
    expect(await codeOf(store.getSnapshot(id))).toBe('STORE_MISSING');
  });

  it('with a damaged tensor or manifest are refused', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const { id, manifest } = await store.putSnapshot(snapshot());
    const { digest } = manifest.tensors[1];
    const path = join(folder.path, 'blobs', digest.slice(0, 2), digest);
    const content = await readFile(path);
    content[0] ^= 1;
    await writeFile(path, content);
    expect(await codeOf(store.getSnapshot(id))).toBe('STORE_DIGEST');
    await writeFile(join(folder.path, 'manifests', id.slice(0, 2), id), '{}');
    expect(await codeOf(store.getManifest(id))).toBe('STORE_DIGEST');
  });
});
