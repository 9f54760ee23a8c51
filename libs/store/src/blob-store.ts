/**
 * Blobs named by the SHA-256 of their bytes, and snapshots made of them: each tensor is a blob (its dense little-endian
 * bytes), and the manifest lies under its own digest, the snapshot's id. A blob is never changed once it has its name,
 * so readers need no locks; putting one that is there already costs no write.
 *
 * A store's folder belongs to one process; within it any number of calls may run at the same time.
 */
import { newId } from '@espalier/base';
import {
  manifestBytes,
  manifestOf,
  tensorBytes,
  tensorFromBytes,
  type Digest,
  type Snapshot,
  type SnapshotManifest,
  type Tensor,
} from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { createHash } from 'node:crypto';
import { open, readFile, rename, rm, stat, utimes, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { storeError } from './errors';
import {
  fileSize,
  makeFolder,
  namesIn,
  readFully,
  syncFolder,
  TEMP_PREFIX,
  unlessMissing,
  writeAll,
  writeFileAtomic,
} from './files';
import { KeyedLocks } from './keyed-locks';
import { blobPath, FOLDERS, type BlobKind } from './layout';
import { parseManifest } from './manifest';
import { isDigest } from './names';

/** Temporary files older than this were left by a process that died. */
const LEFT_OVER_AFTER_MS = 60 * 60 * 1000;
/** Piece in which blobs are read and hashed. */
const PIECE_BYTES = 1024 * 1024;
/** Tensors of a snapshot that are written at the same time: their fsyncs share the disk's time. */
const PUTS_AT_ONCE = 8;

export interface BlobInfo {
  readonly digest: Digest;
  readonly kind: BlobKind;
  readonly bytes: number;
  /** When it was last put, milliseconds since the epoch; putting it again counts. */
  readonly usedMs: number;
}

export interface BlobStoreOptions {
  /** Temporary files of at least this age are removed at the start. Default: one hour. */
  readonly leftOverAfterMs?: number;
}

export class BlobStore {
  /** Held by those who build a blob in pieces, so that two do not write one partial file. */
  readonly locks = new KeyedLocks();
  /** Held while a name is given, kept or taken away, so that the collector takes none that was just given again. */
  private readonly names = new KeyedLocks();

  private constructor(readonly root: string) {}

  /** Opens the store in `root`, made when it is missing; temporary files that a dead process left are removed. */
  static async open(root: string, options: BlobStoreOptions = {}): Promise<BlobStore> {
    for (const folder of FOLDERS) await makeFolder(join(root, folder));
    const store = new BlobStore(root);
    await store.sweep(Date.now() - (options.leftOverAfterMs ?? LEFT_OVER_AFTER_MS));
    // Cached forms are not fsynced, so they are not trusted by a new process.
    await rm(join(root, 'forms'), { recursive: true, force: true });
    await makeFolder(join(root, 'forms'));
    return store;
  }

  /** Is the blob here? */
  async has(digest: Digest): Promise<boolean> {
    return (await this.size(digest)) !== undefined;
  }

  /** Its length in bytes, or undefined when it is not here. */
  async size(digest: Digest): Promise<number | undefined> {
    return fileSize(blobPath(this.root, 'blobs', digest));
  }

  /** The whole blob. Throws STORE_MISSING, and with `verify` STORE_DIGEST. */
  async get(digest: Digest, options: { verify?: boolean } = {}): Promise<Uint8Array> {
    return this.read('blobs', digest, options.verify ?? false);
  }

  /** The blob's file, to read parts of; the caller closes it. Throws STORE_MISSING. */
  async openBlob(digest: Digest): Promise<FileHandle> {
    const handle = await unlessMissing(() => open(blobPath(this.root, 'blobs', digest), 'r'));
    if (!handle) throw storeError('STORE_MISSING', { what: 'blob', digest });
    return handle;
  }

  /** The blob in pieces of at most `pieceBytes`. Throws STORE_MISSING. */
  async *stream(digest: Digest, pieceBytes = PIECE_BYTES): AsyncGenerator<Uint8Array> {
    const handle = await this.openBlob(digest);
    try {
      for (let position = 0, count = pieceBytes; count === pieceBytes; position += count) {
        const piece = new Uint8Array(pieceBytes);
        count = await readFully(handle, piece, position);
        if (count > 0) yield piece.subarray(0, count);
      }
    } finally {
      await handle.close();
    }
  }

  /** Puts bytes; returns their digest. Throws STORE_DISK_FULL. */
  async put(bytes: Uint8Array): Promise<Digest> {
    return this.putNamed('blobs', sha256(bytes), bytes);
  }

  /** Puts bytes whose digest the caller has checked already. Throws STORE_DISK_FULL. */
  async putChecked(digest: Digest, bytes: Uint8Array): Promise<void> {
    await this.putNamed('blobs', digest, bytes);
  }

  /** Puts a stream of any length in bounded memory. With `expected`, throws STORE_DIGEST when it is something else. */
  async putStream(
    pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: { expected?: Digest } = {},
  ): Promise<{ digest: Digest; bytes: number }> {
    const temp = this.tempPath();
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      const handle = await open(temp, 'wx');
      try {
        for await (const piece of pieces) {
          hash.update(piece);
          await writeAll(handle, piece, temp);
          bytes += piece.byteLength;
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      const digest = hash.digest('hex');
      requireSame('the stream', options.expected ?? digest, digest);
      await this.adopt(digest, temp);
      return { digest, bytes };
    } finally {
      await rm(temp, { force: true });
    }
  }

  /** Gives a whole, fsynced file of this store's disk its name; the file is gone afterwards. The caller has checked the digest. */
  async adopt(digest: Digest, file: string): Promise<void> {
    const path = blobPath(this.root, 'blobs', digest);
    await makeFolder(dirname(path));
    await this.names.hold([path], () => rename(file, path));
    await syncFolder(dirname(path));
  }

  /** A fresh name for a temporary file on this store's disk. */
  tempPath(): string {
    return join(this.root, 'partial', `${TEMP_PREFIX}${newId()}`);
  }

  /** Removes a blob or a manifest; nothing happens when it is not here. */
  async delete(digest: Digest, kind: BlobKind = 'blobs'): Promise<void> {
    await rm(blobPath(this.root, kind, digest), { force: true });
  }

  /** Removes it unless it was put again since `beforeMs`; returns whether it is gone. */
  async deleteUnused(
    { digest, kind }: Pick<BlobInfo, 'digest' | 'kind'>,
    beforeMs: number,
  ): Promise<boolean> {
    const path = blobPath(this.root, kind, digest);
    return this.names.hold([path], async () => {
      const found = await unlessMissing(() => stat(path));
      if (found && found.mtimeMs >= beforeMs) return false;
      await rm(path, { force: true });
      return true;
    });
  }

  /** Everything here, in order of kind and digest. */
  async *list(): AsyncGenerator<BlobInfo> {
    for (const kind of ['blobs', 'manifests'] as const) {
      for (const shard of await namesIn(join(this.root, kind))) {
        for (const digest of await namesIn(join(this.root, kind, shard))) {
          if (!isDigest(digest)) continue;
          const found = await unlessMissing(() => stat(blobPath(this.root, kind, digest)));
          if (found) yield { digest, kind, bytes: found.size, usedMs: found.mtimeMs };
        }
      }
    }
  }

  /** Puts each tensor as a blob, then the manifest; returns the snapshot's id and manifest. Throws STORE_DISK_FULL. */
  async putSnapshot(snapshot: Snapshot): Promise<{ id: Digest; manifest: SnapshotManifest }> {
    const manifest = manifestOf(snapshot, sha256);
    const waiting = [...manifest.tensors];
    const putNext = async (): Promise<void> => {
      for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
        await this.putNamed('blobs', entry.digest, tensorBytes(snapshot.tensors.get(entry.name) as Tensor));
      }
    };
    await Promise.all(Array.from({ length: PUTS_AT_ONCE }, putNext));
    return { id: await this.putManifest(manifest), manifest };
  }

  /** Puts a manifest whose tensors are here already (or are about to be pulled); returns the snapshot's id. */
  async putManifest(manifest: SnapshotManifest): Promise<Digest> {
    const bytes = manifestBytes(manifest);
    return this.putNamed('manifests', sha256(bytes), bytes);
  }

  /** Throws STORE_MISSING, STORE_DIGEST for a damaged file, STORE_MANIFEST. */
  async getManifest(id: Digest): Promise<SnapshotManifest> {
    return parseManifest(await this.getManifestBytes(id), id);
  }

  /** The manifest as it is stored and sent: bytes whose digest is `id`. Throws STORE_MISSING, STORE_DIGEST. */
  async getManifestBytes(id: Digest): Promise<Uint8Array> {
    return this.read('manifests', id, true);
  }

  /** Is the manifest here? Its tensors may not be all here yet: see `hasSnapshot`. */
  async hasManifest(id: Digest): Promise<boolean> {
    return (await fileSize(blobPath(this.root, 'manifests', id))) !== undefined;
  }

  /** The snapshot with its tensors in memory, each checked against its digest. Throws STORE_MISSING, STORE_DIGEST. */
  async getSnapshot(id: Digest): Promise<Snapshot> {
    const manifest = await this.getManifest(id);
    const tensors = new Map<string, Tensor>();
    for (const { name, dtype, shape, digest } of manifest.tensors) {
      tensors.set(name, tensorFromBytes(dtype, shape, await this.get(digest, { verify: true }), name));
    }
    return { network: manifest.network, tensors, info: manifest.info };
  }

  /** Are the manifest and all its tensors here? */
  async hasSnapshot(id: Digest): Promise<boolean> {
    if (!(await this.hasManifest(id))) return false;
    for (const { digest } of (await this.getManifest(id)).tensors)
      if (!(await this.has(digest))) return false;
    return true;
  }

  /** Removes temporary files, partial transfers and cached forms that were last touched before `beforeMs`; returns their bytes. */
  async sweep(beforeMs: number): Promise<number> {
    const folders = ['partial', 'forms'].map((name) => join(this.root, name));
    for (const kind of ['blobs', 'manifests']) {
      for (const shard of await namesIn(join(this.root, kind))) folders.push(join(this.root, kind, shard));
    }
    let removed = 0;
    for (const folder of folders) {
      for (const name of await namesIn(folder)) {
        if (isDigest(name)) continue;
        const path = join(folder, name);
        const found = await unlessMissing(() => stat(path));
        if (!found?.isFile() || found.mtimeMs >= beforeMs) continue;
        await rm(path, { force: true });
        removed += found.size;
      }
    }
    return removed;
  }

  private async putNamed(kind: BlobKind, digest: Digest, bytes: Uint8Array): Promise<Digest> {
    const path = blobPath(this.root, kind, digest);
    const isHere = await this.names.hold([path], async () => {
      if ((await fileSize(path)) !== bytes.byteLength) return false;
      // In use again: it must not look old to the garbage collector.
      const now = new Date();
      return unlessMissing(async () => {
        await utimes(path, now, now);
        return true;
      });
    });
    if (!isHere) await writeFileAtomic(path, bytes);
    return digest;
  }

  private async read(kind: BlobKind, digest: Digest, verify: boolean): Promise<Uint8Array> {
    const path = blobPath(this.root, kind, digest);
    const bytes = await unlessMissing(() => readFile(path));
    if (!bytes) throw storeError('STORE_MISSING', { what: kind === 'blobs' ? 'blob' : 'snapshot', digest });
    if (verify) requireSame(path, digest, sha256(bytes));
    return bytes;
  }
}

function requireSame(path: string, expected: Digest, actual: Digest): void {
  if (expected !== actual) throw storeError('STORE_DIGEST', { path, expected, actual });
}
