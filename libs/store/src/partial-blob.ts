/**
 * A blob that arrives in pieces: the receiver's side of a transfer. What has arrived lies in `partial/`, so that a cut
 * transfer goes on where it stopped, also in a new process; when all is there it is checked against the digest and takes
 * its place among the blobs. The caller holds the store's lock for the digest.
 */
import { byteLength, decodeForm, sizeOf, tensorBytes, type Digest, type TensorForm } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { createHash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import type { BlobStore } from './blob-store';
import { storeError } from './errors';
import { fileSize, readFully, writeAll } from './files';
import { SMALL_TENSOR_BYTES, type FormSubject } from './form-reader';
import { partialPath } from './layout';
import { decodeMaskedFile } from './masked-file';

const FORMS: readonly TensorForm[] = ['dense', 'masked'];
const PIECE_BYTES = 1024 * 1024;
/** What was written is handed to the disk after so many bytes, so that the last fsync has little left to wait for. */
const SYNC_STEP_BYTES = 16 * 1024 * 1024;

/** What is there of a blob from a transfer that was cut, or undefined. */
export async function findPartial(
  store: BlobStore,
  digest: string,
): Promise<{ form: TensorForm; bytes: number } | undefined> {
  for (const form of FORMS) {
    const bytes = await fileSize(partialPath(store.root, digest, form));
    if (bytes !== undefined && bytes > 0) return { form, bytes };
  }
  return undefined;
}

export class PartialBlob {
  /** The piece that is being written while the next one is on its way, and what is being synced. */
  private writing: Promise<void> = Promise.resolve();
  private syncing: Promise<void> | undefined;
  private written: number;
  private synced: number;

  private constructor(
    private readonly store: BlobStore,
    private readonly subject: FormSubject,
    readonly form: TensorForm,
    private readonly path: string,
    private readonly handle: FileHandle,
    private received: number,
  ) {
    this.written = received;
    this.synced = received;
  }

  /** Opens what is there, cut at `keepBytes` (0: from the start). */
  static async open(
    store: BlobStore,
    subject: FormSubject,
    { form, keepBytes }: { form: TensorForm; keepBytes: number },
  ): Promise<PartialBlob> {
    const path = partialPath(store.root, subject.digest, form);
    const handle = await open(path, 'a+');
    await handle.truncate(Math.min(keepBytes, (await handle.stat()).size));
    return new PartialBlob(store, subject, form, path, handle, (await handle.stat()).size);
  }

  /** Bytes of the form that are here, the piece that is being written among them. */
  get bytes(): number {
    return this.received;
  }

  /**
   * Resolves when the pieces before this one are written; this one is being written then, and must not be changed before
   * `release` is called. Throws STORE_DISK_FULL, for this piece at the next call or at `finish`; what was there before
   * stays good.
   */
  async append(bytes: Uint8Array, release?: () => void): Promise<void> {
    await this.writing;
    this.received += bytes.byteLength;
    this.writing = this.write(bytes).finally(release);
    // Whoever awaits `writing` next sees the failure; until then it is not unhandled.
    this.writing.catch(() => undefined);
  }

  /** Keeps what is there for later. */
  async close(): Promise<void> {
    // A piece that could not be written has been cut off again, and the transfer has ended for this or another reason.
    await this.writing.catch(() => undefined);
    await this.syncing?.catch(() => undefined);
    await this.handle.close();
  }

  /**
   * Makes the blob of it. `digest` is the SHA-256 of a dense form that came through `append` from its first byte on, where
   * the caller has hashed it on the way; without it the file is read again. Throws STORE_DIGEST or STORE_FORM when the bytes
   * are not what the subject's digest names (they are gone then), STORE_DISK_FULL.
   */
  async finish(digest?: Digest): Promise<void> {
    try {
      await this.writing;
      await this.syncing;
      if (this.form === 'dense') await this.finishDense(digest);
      else await this.finishMasked();
    } finally {
      await this.handle.close();
      await rm(this.path, { force: true });
    }
  }

  private async write(bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(this.handle, bytes, this.path);
    } catch (error) {
      await this.handle.truncate(this.written);
      throw error;
    }
    this.written += bytes.byteLength;
    if (this.syncing || this.written - this.synced < SYNC_STEP_BYTES) return;
    this.synced = this.written;
    const syncing = this.handle.datasync().then(() => (this.syncing = undefined));
    // A failure is seen by `finish`, which awaits it; until then it is not unhandled.
    syncing.catch(() => undefined);
    this.syncing = syncing;
  }

  private async finishDense(digest: Digest | undefined): Promise<void> {
    this.requireDigest(digest ?? (await this.fileDigest()));
    await this.handle.sync();
    await this.store.adopt(this.subject.digest, this.path);
  }

  private async fileDigest(): Promise<Digest> {
    const hash = createHash('sha256');
    const piece = new Uint8Array(PIECE_BYTES);
    for (let position = 0, count = PIECE_BYTES; count === PIECE_BYTES; position += count) {
      count = await readFully(this.handle, piece, position);
      hash.update(piece.subarray(0, count));
    }
    return hash.digest('hex');
  }

  private async finishMasked(): Promise<void> {
    if (this.subject.dtype !== 'float32') {
      const bytes = new Uint8Array(this.received);
      await readFully(this.handle, bytes, 0);
      await putForm(this.store, this.subject, { form: this.form, bytes });
      return;
    }
    const temp = this.store.tempPath();
    try {
      const out = await open(temp, 'wx');
      try {
        const elements = sizeOf(this.subject.shape);
        const result = await decodeMaskedFile(this.handle, elements, { handle: out, path: temp });
        if ('problem' in result) {
          const { digest } = this.subject;
          throw storeError('STORE_FORM', { form: this.form, digest, problem: result.problem });
        }
        this.requireDigest(result.digest);
        await out.sync();
      } finally {
        await out.close();
      }
      await this.store.adopt(this.subject.digest, temp);
    } finally {
      await rm(temp, { force: true });
    }
  }

  private requireDigest(actual: string): void {
    const { digest } = this.subject;
    if (actual !== digest) throw storeError('STORE_DIGEST', { path: this.path, expected: digest, actual });
  }
}

/** May a whole form be decoded in memory? */
export function isSmall(subject: FormSubject): boolean {
  return byteLength(subject.dtype, sizeOf(subject.shape)) <= SMALL_TENSOR_BYTES;
}

/**
 * A small blob that came whole: no partial file. `formDigest` is the SHA-256 of `bytes`, where the caller has it: a dense form
 * is not hashed again then. Throws STORE_DIGEST, TENSOR_SIZE, TENSOR_FORM, STORE_DISK_FULL.
 */
export async function putForm(
  store: BlobStore,
  subject: FormSubject,
  { form, bytes, formDigest }: { form: TensorForm; bytes: Uint8Array; formDigest?: Digest },
): Promise<void> {
  const dense = tensorBytes(decodeForm(form, subject.dtype, subject.shape, bytes));
  const actual = (form === 'dense' ? formDigest : undefined) ?? sha256(dense);
  if (actual !== subject.digest) {
    throw storeError('STORE_DIGEST', { path: `the ${form} form`, expected: subject.digest, actual });
  }
  await store.putChecked(subject.digest, dense);
}
