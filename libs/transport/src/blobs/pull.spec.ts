import { errorCode } from '@espalier/base';
import { decodeData, encodeData, PROTOCOL_LIMITS, type DataHeader } from '@espalier/protocol';
import { BlobStore } from '@espalier/store';
import {
  byteLength,
  encodeForm,
  float32,
  Mask,
  sizeOf,
  type Snapshot,
  type SnapshotManifest,
} from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDoor, type Door } from '../accept';
import { CLOSE } from '../close-codes';
import { dial } from '../dial';
import type { Socket } from '../socket';
import { cuttingProxy } from '../testing/cutting-proxy';
import { tempFolder } from '../testing/temp-folder';
import { newToken } from '../tokens';
import { pullBlobs, pullSnapshot } from './pull';
import { BLOBS_PATH, serveBlobs } from './serve-blobs';

const MiB = 1024 * 1024;
const token = newToken();
const tokens = [{ token, scope: 'service' }] as const;

const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => errorCode(error) ?? String(error),
  );

/** A layer of `size` weights of which about `keptShare` are kept, with its mask and a bias. */
function layer(size: number, keptShare: number): Snapshot {
  const kernel = new Float32Array(size);
  // A linear congruential generator (Numerical Recipes): fast, and even enough to count shares.
  for (let i = 0, state = 1; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (state < keptShare * 2 ** 32) kernel[i] = 1 + state / 2 ** 32;
  }
  return {
    network: { name: 'test' },
    tensors: new Map([
      ['fc1/kernel', float32([size], kernel)],
      ['fc1/kernel:mask', Mask.fromFlags([size], kernel).toTensor()],
      ['fc1/bias', float32([10], new Float32Array(10).fill(0.25))],
    ]),
    info: { step: 1 },
  };
}

const denseBytesOf = ({ tensors }: SnapshotManifest): number =>
  tensors.reduce((sum, { dtype, shape }) => sum + byteLength(dtype, sizeOf(shape)), 0);

/** An owner with its store served on a real socket, and an empty receiver. */
async function pair(): Promise<
  { owner: BlobStore; receiver: BlobStore; door: Door; folder: string } & AsyncDisposable
> {
  const folder = await tempFolder();
  const owner = await BlobStore.open(join(folder.path, 'owner'));
  const receiver = await BlobStore.open(join(folder.path, 'receiver'));
  const door = await serveBlobs({ store: owner, tokens });
  return {
    owner,
    receiver,
    door,
    folder: folder.path,
    [Symbol.asyncDispose]: async () => {
      await door.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

type Wish = Partial<Parameters<typeof pullSnapshot>[0]> & { urls: readonly string[] };
const pull = (store: BlobStore, id: string, options: Wish) =>
  pullSnapshot({ store, id, token, attempts: 3, ...options });

describe('pullSnapshot', () => {
  it('brings the same bits, whole and verified', async () => {
    await using t = await pair();
    const snapshot = layer(100_000, 0.3);
    const { id, manifest } = await t.owner.putSnapshot(snapshot);
    const progress: number[] = [];
    const pulled = await pull(t.receiver, id, {
      urls: [t.door.url],
      onProgress: ({ doneBlobs }) => progress.push(doneBlobs),
    });
    expect(pulled.manifest).toEqual(manifest);
    const back = await t.receiver.getSnapshot(id);
    for (const [name, value] of snapshot.tensors) expect(back.tensors.get(name)).toEqual(value);
    expect(progress.at(-1)).toBe(3);
    expect(await readdir(join(t.folder, 'receiver', 'partial'))).toEqual([]);
  });

  it('takes less than an eighth of the dense bytes at 5 % kept, masks and headers included', async () => {
    await using t = await pair();
    // LeNet-300-100's fc1.
    const { id, manifest } = await t.owner.putSnapshot(layer(784 * 300, 0.05));
    const { wire } = await pull(t.receiver, id, { urls: [t.door.url] });
    const received = wire.dense + wire.masked + wire.overhead;
    expect(wire.masked).toBeGreaterThan(0);
    expect(received).toBeLessThan(denseBytesOf(manifest) / 8);
  });

  it('brings only the tensors that are wanted', async () => {
    await using t = await pair();
    const { id, manifest } = await t.owner.putSnapshot(layer(1_000, 0.5));
    await pull(t.receiver, id, { urls: [t.door.url], only: (name) => !name.includes(':') });
    const here = await Promise.all(
      manifest.tensors.map(async ({ name, digest }) => [name, await t.receiver.has(digest)]),
    );
    expect(Object.fromEntries(here)).toEqual({
      'fc1/kernel': true,
      'fc1/kernel:mask': false,
      'fc1/bias': true,
    });
    expect(await t.receiver.hasSnapshot(id)).toBe(false);
    // The rest is brought when it is wanted.
    await pull(t.receiver, id, { urls: [t.door.url] });
    expect(await t.receiver.hasSnapshot(id)).toBe(true);
  });

  it('costs no payload for tensors that are here already', async () => {
    await using t = await pair();
    const first = layer(50_000, 0.5);
    const bias = float32([10], new Float32Array(10).fill(0.5));
    const second = { ...first, tensors: new Map([...first.tensors, ['fc1/bias', bias] as const]) };
    const { id: firstId } = await t.owner.putSnapshot(first);
    const { id: secondId, manifest } = await t.owner.putSnapshot(second);
    await pull(t.receiver, firstId, { urls: [t.door.url] });
    const { wire } = await pull(t.receiver, secondId, { urls: [t.door.url] });
    expect([wire.dense, wire.masked]).toEqual([40, 0]);
    expect(wire.had).toBe(denseBytesOf(manifest) - 40);
    const again = await pull(t.receiver, secondId, { urls: [] });
    expect(again.wire).toEqual({ dense: 0, masked: 0, had: denseBytesOf(manifest), overhead: 0 });
  });

  it('sends a tensor once that the snapshot has under two names', async () => {
    await using t = await pair();
    const same = float32([1000], new Float32Array(1000).fill(3));
    const { id } = await t.owner.putSnapshot({
      network: null,
      info: {},
      tensors: new Map([
        ['a', same],
        ['b', same],
      ]),
    });
    const { wire } = await pull(t.receiver, id, { urls: [t.door.url] });
    expect([wire.dense, wire.had]).toEqual([4000, 4000]);
  });

  it('carries tensors without elements', async () => {
    await using t = await pair();
    const empty = float32([0, 5], new Float32Array(0));
    const { id } = await t.owner.putSnapshot({ network: null, info: {}, tensors: new Map([['a', empty]]) });
    await pull(t.receiver, id, { urls: [t.door.url] });
    expect(await t.receiver.hasSnapshot(id)).toBe(true);
  });

  it('asks the next owner for what the first lacks', async () => {
    await using t = await pair();
    const { id, manifest } = await t.owner.putSnapshot(layer(5000, 0.5));
    const half = await BlobStore.open(join(t.folder, 'half'));
    await half.putManifest(manifest);
    await half.put(await t.owner.get(manifest.tensors[0].digest));
    await using halfDoor = await serveBlobs({ store: half, tokens });
    const empty = await BlobStore.open(join(t.folder, 'empty'));
    await using emptyDoor = await serveBlobs({ store: empty, tokens });
    await pull(t.receiver, id, { urls: [emptyDoor.url, halfDoor.url, t.door.url] });
    expect(await t.receiver.hasSnapshot(id)).toBe(true);
  });

  it('says so when nobody has it, and when nobody is there', async () => {
    await using t = await pair();
    const id = '0'.repeat(64);
    expect(await codeOf(pull(t.receiver, id, { urls: [t.door.url] }))).toBe('TRANSPORT_MISSING');
    expect(await codeOf(pull(t.receiver, id, { urls: [] }))).toBe('TRANSPORT_MISSING');
    const { url } = t.door;
    await t.door.close();
    expect(await codeOf(pull(t.receiver, id, { urls: [url], attempts: 1 }))).toBe('TRANSPORT_UNREACHABLE');
  });

  it('is refused with a wrong token, and with one of a viewer', async () => {
    await using t = await pair();
    const { id } = await t.owner.putSnapshot(layer(100, 1));
    expect(await codeOf(pull(t.receiver, id, { urls: [t.door.url], token: 'wrong' }))).toBe(
      'TRANSPORT_REFUSED',
    );
    const viewer = newToken();
    await using door = await serveBlobs({ store: t.owner, tokens: [{ token: viewer, scope: 'viewer' }] });
    expect(await codeOf(pull(t.receiver, id, { urls: [door.url], token: viewer, attempts: 1 }))).toBe(
      'TRANSPORT_DISCONNECTED',
    );
  });

  it('can be cancelled, and goes on later', async () => {
    await using t = await pair();
    const { id } = await t.owner.putSnapshot(layer(3 * MiB, 1));
    const abort = new AbortController();
    const cancelled = pull(t.receiver, id, {
      urls: [t.door.url],
      signal: abort.signal,
      onProgress: ({ receivedBytes }) => receivedBytes > 3 * MiB && abort.abort(),
    });
    expect(await codeOf(cancelled)).toBe('TRANSPORT_CANCELLED');
    expect(await t.receiver.hasManifest(id)).toBe(false);
    const { wire } = await pull(t.receiver, id, { urls: [t.door.url] });
    expect(wire.dense).toBeLessThan(10 * MiB);
    expect(await t.receiver.hasSnapshot(id)).toBe(true);
  });
});

describe('a transfer that is cut', () => {
  it('goes on at the chunk, not at the start', async () => {
    await using t = await pair();
    const { id, manifest } = await t.owner.putSnapshot(layer(3 * MiB, 1));
    await using proxy = await cuttingProxy(t.door.port, [5 * MiB, 4 * MiB]);
    const { wire } = await pull(t.receiver, id, { urls: [`ws://127.0.0.1:${proxy.port}${BLOBS_PATH}`] });
    expect(await t.receiver.hasSnapshot(id)).toBe(true);
    expect(proxy.connections).toBe(3);
    // What was on its way within a chunk is all that is sent twice.
    expect(wire.dense + wire.masked).toBeLessThanOrEqual(denseBytesOf(manifest) + 2 * MiB);
  });

  it('goes on in a new process, from another owner, also in the masked form', async () => {
    await using t = await pair();
    const snapshot = layer(2 * MiB, 0.5);
    const { id, manifest } = await t.owner.putSnapshot(snapshot);
    const other = await BlobStore.open(join(t.folder, 'other'));
    await other.putSnapshot(snapshot);
    await using proxy = await cuttingProxy(t.door.port, [3 * MiB]);
    const url = `ws://127.0.0.1:${proxy.port}${BLOBS_PATH}`;
    expect(await codeOf(pull(t.receiver, id, { urls: [url], attempts: 1 }))).toBe('TRANSPORT_DISCONNECTED');
    const kernel = manifest.tensors.find(({ name }) => name === 'fc1/kernel');
    expect(await readdir(join(t.folder, 'receiver', 'partial'))).toEqual([`${kernel?.digest}.masked`]);

    await t.door.close();
    await using door = await serveBlobs({ store: other, tokens });
    const reopened = await BlobStore.open(join(t.folder, 'receiver'));
    const { wire } = await pull(reopened, id, { urls: [door.url] });
    expect(await reopened.hasSnapshot(id)).toBe(true);
    const whole = encodeForm(snapshot.tensors.get('fc1/kernel') as never).bytes.byteLength;
    expect(wire.masked).toBeLessThanOrEqual(whole - 1 * MiB);
  });

  it('starts anew when what was left of it is damaged', async () => {
    await using t = await pair();
    const { id, manifest } = await t.owner.putSnapshot(layer(1 * MiB + 300_000, 1));
    const kernel = manifest.tensors.find(({ name }) => name === 'fc1/kernel');
    const partial = join(t.folder, 'receiver', 'partial', `${kernel?.digest}.dense`);
    await writeFile(partial, new Uint8Array(2 * MiB).fill(9));
    await pull(t.receiver, id, { urls: [t.door.url] });
    expect(await t.receiver.hasSnapshot(id)).toBe(true);
  });
});

describe('several pulls of one snapshot at the same time', () => {
  it('fetch it once', async () => {
    await using t = await pair();
    const { id, manifest } = await t.owner.putSnapshot(layer(400_000, 1));
    const pulls = await Promise.all([1, 2, 3].map(() => pull(t.receiver, id, { urls: [t.door.url] })));
    const payload = pulls.reduce((sum, { wire }) => sum + wire.dense + wire.masked, 0);
    expect(payload).toBeLessThanOrEqual(denseBytesOf(manifest));
    expect(await t.receiver.hasSnapshot(id)).toBe(true);
  });
});

describe('pullBlobs', () => {
  it('brings plain blobs of any size, and only those that are not here', async () => {
    await using t = await pair();
    const contents = [new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(3 * MiB + 5).fill(7)];
    const digests = await Promise.all(contents.map((content) => t.owner.put(content)));
    const { wire } = await pullBlobs({ urls: [t.door.url], store: t.receiver, token, digests });
    expect(wire.dense).toBe(3 * MiB + 8);
    for (const digest of digests) expect(sha256(await t.receiver.get(digest))).toBe(digest);
    const again = await pullBlobs({ urls: [t.door.url], store: t.receiver, token, digests });
    expect(again.wire).toEqual({ dense: 0, masked: 0, had: 3 * MiB + 8, overhead: 0 });
  });

  it('brings more blobs than fit in one request', async () => {
    await using t = await pair();
    const digests: string[] = [];
    for (let i = 0; i < 260; i++) digests.push(sha256(Uint8Array.of(i & 255, i >> 8)));
    await Promise.all(digests.map((_, i) => t.owner.put(Uint8Array.of(i & 255, i >> 8))));
    await pullBlobs({ urls: [t.door.url], store: t.receiver, token, digests });
    expect((await Promise.all(digests.map((digest) => t.receiver.has(digest)))).every(Boolean)).toBe(true);
  });

  it('does not take a blob that is damaged at its owner, but one from the next', async () => {
    await using t = await pair();
    const digest = await t.owner.put(new Uint8Array(2 * MiB).fill(1));
    const good = await BlobStore.open(join(t.folder, 'good'));
    await good.put(new Uint8Array(2 * MiB).fill(1));
    const path = join(t.folder, 'owner', 'blobs', digest.slice(0, 2), digest);
    const content = await readFile(path);
    content[MiB + 3] ^= 1;
    await rm(path);
    await writeFile(path, content);
    const options = { store: t.receiver, token, digests: [digest] };
    expect(await codeOf(pullBlobs({ ...options, urls: [t.door.url] }))).toBe('TRANSPORT_CORRUPT');
    expect(await t.receiver.has(digest)).toBe(false);
    await using door = await serveBlobs({ store: good, tokens });
    await pullBlobs({ ...options, urls: [t.door.url, door.url] });
    expect(await t.receiver.has(digest)).toBe(true);
  });
});

/** An owner that answers a `want` as it likes. */
async function liar(
  answer: (want: DataHeader<'want'>, say: (header: DataHeader, bytes?: Uint8Array) => void) => void,
): Promise<Door> {
  return openDoor(
    { tokens },
    {
      path: BLOBS_PATH,
      maxFrameBytes: PROTOCOL_LIMITS.maxHeaderBytes,
      onSocket: ({ socket }) =>
        socket.frames$.subscribe((frame) => {
          const { header } = decodeData(frame);
          if (header.kind === 'want') {
            answer(header, (sent, bytes) => void socket.send(encodeData(sent, bytes)).catch(() => undefined));
          }
        }),
    },
  );
}

describe('an owner that lies', () => {
  const content = new Uint8Array(100).fill(5);
  const digest = sha256(content);
  const chunk = (fields: Partial<DataHeader<'chunk'>>): DataHeader<'chunk'> => ({
    kind: 'chunk',
    transfer: 0,
    digest,
    form: 'dense',
    dtype: 'uint8',
    shape: [100],
    offset: 0,
    total: 100,
    check: sha256(content),
    ...fields,
  });

  it.each([
    ['a chunk whose check is wrong', chunk({ check: '0'.repeat(64) }), 'PROTOCOL_CHUNK'],
    ['a blob that was not asked for', chunk({ digest: '0'.repeat(64) }), 'TRANSPORT_UNEXPECTED'],
    ['bytes beyond the blob', chunk({ offset: 50 }), 'TRANSPORT_UNEXPECTED'],
    ['a hole', chunk({ offset: 100, total: 200, shape: [200] }), 'TRANSPORT_UNEXPECTED'],
    ["a form that is no plain blob's", chunk({ dtype: 'float32', shape: [25] }), 'TRANSPORT_UNEXPECTED'],
    ["a total that is not the shape's", chunk({ total: 2 ** 40 }), 'TRANSPORT_UNEXPECTED'],
    [
      'a masked form that is longer than the dense one',
      chunk({ form: 'masked', total: 200 }),
      'TRANSPORT_UNEXPECTED',
    ],
    ['what a receiver would say', { kind: 'credit', transfer: 0, bytes: 5 } as const, 'TRANSPORT_UNEXPECTED'],
    [
      'an error',
      { kind: 'error', transfer: 0, code: 'X_Y', message: 'no', retryable: true } as const,
      'TRANSPORT_PEER',
    ],
    ['an end before all is sent', { kind: 'end', transfer: 0 } as const, 'TRANSPORT_MISSING'],
  ])('with %s is not believed', async (_name, header, code) => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    await using door = await liar((_want, say) => say(header, header.kind === 'chunk' ? content : undefined));
    expect(await codeOf(pullBlobs({ urls: [door.url], store, token, digests: [digest] }))).toBe(code);
    expect(await store.has(digest)).toBe(false);
  });

  it('or is of an older version, and checks each chunk by itself, is understood, and believed as far as that goes', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const big = Uint8Array.from({ length: 5 * MiB + 1 }, (_, i) => i % 253);
    const bigDigest = sha256(big);
    const send = (broken: number) =>
      liar((_want, say) => {
        for (let offset = 0; offset < big.byteLength; offset += MiB) {
          const piece = big.slice(offset, offset + MiB);
          if (offset === broken * MiB) piece[0] ^= 1;
          const fields = { digest: bigDigest, shape: [big.byteLength], total: big.byteLength };
          say(chunk({ ...fields, offset, check: sha256(piece) }), piece);
        }
        say({ kind: 'end', transfer: 0 });
      });
    // Every chunk is as its check says, but the whole is not what was asked for.
    await using wrong = await send(3);
    const options = { store, token, digests: [bigDigest] };
    expect(await codeOf(pullBlobs({ ...options, urls: [wrong.url] }))).toBe('TRANSPORT_CORRUPT');
    expect(await store.has(bigDigest)).toBe(false);
    await using good = await send(-1);
    await pullBlobs({ ...options, urls: [good.url] });
    expect(sha256(await store.get(bigDigest))).toBe(bigDigest);
  });

  it('is asked for checks that run on, and is not believed where they do not', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const big = Uint8Array.from({ length: 5 * MiB + 1 }, (_, i) => i % 253);
    const wants: DataHeader<'want'>[] = [];
    await using door = await liar((asked, say) => {
      wants.push(asked);
      for (let offset = 0; offset < 2 * MiB; offset += MiB) {
        const piece = big.subarray(offset, offset + MiB);
        const fields = { digest: sha256(big), shape: [big.byteLength], total: big.byteLength, offset };
        // Good for the first chunk alone: the second one's does not follow from it.
        say(chunk({ ...fields, check: sha256(piece), running: true }), piece);
      }
    });
    const pull = pullBlobs({ urls: [door.url], store, token, digests: [sha256(big)] });
    expect(await codeOf(pull)).toBe('PROTOCOL_CHUNK');
    expect(wants[0].running).toBe(true);
    expect(await readFile(join(folder.path, 'partial', `${sha256(big)}.dense`))).toHaveLength(MiB);
  });

  it('and sends more than it has credit for gains nothing by it', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const piece = new Uint8Array(MiB);
    const check = sha256(piece);
    await using door = await liar((_want, say) => {
      for (let i = 0; i < 64; i++) {
        say(chunk({ check, shape: [64 * MiB], total: 64 * MiB, offset: i * MiB }), piece);
      }
    });
    const code = await codeOf(pullBlobs({ urls: [door.url], store, token, digests: [digest], attempts: 1 }));
    expect(['TRANSPORT_CORRUPT', 'TRANSPORT_DISCONNECTED']).toContain(code);
    expect(await store.has(digest)).toBe(false);
  });
});

describe('a receiver that does not keep to the rules', () => {
  /** A raw receiver and what it got. */
  async function raw(
    door: Door,
    first: DataHeader[],
  ): Promise<{ socket: Socket; got: DataHeader[]; payload(): number }> {
    const got: DataHeader[] = [];
    let payload = 0;
    const socket = await dial(
      { url: door.url, token, maxFrameBytes: PROTOCOL_LIMITS.maxFrameBytes },
      (opened) => {
        opened.frames$.subscribe((frame) => {
          const { header, bytes } = decodeData(frame);
          got.push(header);
          payload += bytes.byteLength;
        });
        return opened;
      },
    );
    for (const header of first) await socket.send(encodeData(header));
    return { socket, got, payload: () => payload };
  }
  const want = (digest: string, credit: number): DataHeader<'want'> => ({
    kind: 'want',
    transfer: 0,
    digests: [digest],
    partial: [],
    forms: ['dense'],
    credit,
  });

  it('and gives no credit gets one window, however long it waits, and does not hold up others', async () => {
    await using t = await pair();
    const digest = await t.owner.put(new Uint8Array(40 * MiB).fill(1));
    const stalled = await raw(t.door, [want(digest, PROTOCOL_LIMITS.windowBytes)]);
    // A whole other transfer passes meanwhile.
    await pullBlobs({ urls: [t.door.url], store: t.receiver, token, digests: [digest] });
    while (stalled.payload() < PROTOCOL_LIMITS.windowBytes) await new Promise(setImmediate);
    expect(stalled.payload()).toBe(PROTOCOL_LIMITS.windowBytes);
    // With more credit it goes on.
    await stalled.socket.send(encodeData({ kind: 'credit', transfer: 0, bytes: MiB }));
    while (stalled.payload() < PROTOCOL_LIMITS.windowBytes + MiB) await new Promise(setImmediate);
    stalled.socket.close(CLOSE.NORMAL);
    await stalled.socket.closed;
  });

  it("and does not read at all does not grow the owner's memory beyond the window", async () => {
    await using t = await pair();
    const digest = await t.owner.put(new Uint8Array(64 * MiB).fill(1));
    const before = process.memoryUsage().arrayBuffers;
    const deaf = await raw(t.door, [want(digest, PROTOCOL_LIMITS.windowBytes)]);
    deaf.socket.pause();
    // It tries to be given far more than a window.
    for (let i = 0; i < 64; i++)
      await deaf.socket.send(encodeData({ kind: 'credit', transfer: 0, bytes: MiB }));
    await pullBlobs({ urls: [t.door.url], store: t.receiver, token, digests: [digest] });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3 * PROTOCOL_LIMITS.windowBytes);
    deaf.socket.resume();
    deaf.socket.close(CLOSE.NORMAL);
    await deaf.socket.closed;
  });

  it('or is of an older version gets a check of each chunk by itself; a new one gets checks that run on', async () => {
    await using t = await pair();
    const content = Uint8Array.from({ length: 2 * MiB + 5 }, (_, i) => i % 251);
    const digest = await t.owner.put(content);
    const checksOf = async (header: DataHeader): Promise<(string | undefined)[]> => {
      const { socket, got } = await raw(t.door, [header]);
      while (!got.some(({ kind }) => kind === 'end')) await new Promise(setImmediate);
      socket.close(CLOSE.NORMAL);
      return got.map((each) => (each.kind === 'chunk' ? each.check : undefined)).slice(0, 3);
    };
    const ends = [MiB, 2 * MiB, content.byteLength];
    const old = ends.map((end) => sha256(content.subarray(Math.floor((end - 1) / MiB) * MiB, end)));
    expect(await checksOf(want(digest, 3 * MiB))).toEqual(old);
    const running = ends.map((end) => sha256(content.subarray(0, end)));
    expect(await checksOf({ ...want(digest, 3 * MiB), running: true })).toEqual(running);
    expect(running[2]).toBe(digest);
  });

  it('is cut off for nonsense', async () => {
    await using t = await pair();
    const digest = await t.owner.put(new Uint8Array(2 * MiB));
    for (const headers of [
      [{ kind: 'end', transfer: 0 } as const],
      [want(digest, 0), want(digest, 0)],
      Array.from({ length: 9 }, (_, transfer) => ({ ...want(digest, 0), transfer })),
    ]) {
      const { socket } = await raw(t.door, headers);
      expect((await socket.closed).code).toBe(CLOSE.BAD_MESSAGE.code);
    }
  });

  it('closes the connection of a receiver that takes all credit and gives none', async () => {
    await using t = await pair();
    await using door = await serveBlobs({ store: t.owner, tokens, creditTimeoutMs: 20 });
    const digest = await t.owner.put(new Uint8Array(2 * MiB));
    const { socket, got } = await raw(door, [want(digest, 1)]);
    expect((await socket.closed).code).toBe(CLOSE.TOO_SLOW.code);
    expect(got).toEqual([]);
  });

  it('can stop a transfer, and start another on the same connection', async () => {
    await using t = await pair();
    const digest = await t.owner.put(new Uint8Array(2 * MiB));
    const { socket, got } = await raw(t.door, [
      want(digest, 0),
      { kind: 'cancel', transfer: 0 },
      { ...want(digest, 2 * MiB), transfer: 1 },
    ]);
    while (!got.some(({ kind }) => kind === 'end')) await new Promise(setImmediate);
    expect(got.every(({ transfer }) => transfer === 1)).toBe(true);
    socket.close(CLOSE.NORMAL);
    await socket.closed;
  });
});
