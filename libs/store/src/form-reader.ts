/**
 * A tensor in the store, read in the form in which it travels: the owner's side of a transfer. The masked form of a small
 * tensor is made in memory; that of a large one in a file, kept for the next reader until the store is swept.
 */
import {
  byteLength,
  encodeForm,
  hasMaskedForm,
  sizeOf,
  tensorFromBytes,
  type Digest,
  type DType,
  type Shape,
  type TensorForm,
} from '@espalier/tensor';
import { open, rename, rm, utimes, type FileHandle } from 'node:fs/promises';
import type { BlobStore } from './blob-store';
import { storeError } from './errors';
import { fileSize, readFully, unlessMissing } from './files';
import { formPath } from './layout';
import { encodeMaskedFile, looksMaskable } from './masked-file';

/** Up to here a form is made in memory; a part of the transfer's window. */
export const SMALL_TENSOR_BYTES = 4 * 1024 * 1024;

/** What a form is of. A plain blob is uint8 of its length. */
export interface FormSubject {
  readonly digest: Digest;
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface FormReader extends AsyncDisposable {
  readonly form: TensorForm;
  /** Bytes of the whole form. */
  readonly total: number;
  /** Fills `into` from `offset` on; returns how many bytes there were (fewer only at the form's end). */
  read(into: Uint8Array, offset: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * The shortest of the `allowed` forms of a blob; a large tensor with few zeros is not tried, and stays dense. Throws STORE_MISSING, or STORE_DIGEST when the file has not the length
 * that dtype and shape say.
 */
export async function openForm(
  store: BlobStore,
  subject: FormSubject,
  allowed: readonly TensorForm[],
): Promise<FormReader> {
  const dense = await store.openBlob(subject.digest);
  try {
    const expected = byteLength(subject.dtype, sizeOf(subject.shape));
    const actual = (await dense.stat()).size;
    if (actual !== expected) {
      const details = { path: subject.digest, expected: `${expected} bytes`, actual: `${actual} bytes` };
      throw storeError('STORE_DIGEST', details);
    }
    const masked =
      allowed.includes('masked') && canMask(subject.dtype, actual)
        ? await openMasked(store, subject, { dense, bytes: actual })
        : undefined;
    if (!masked) return fileReader('dense', dense, actual);
    await dense.close();
    return masked;
  } catch (error) {
    await dense.close();
    throw error;
  }
}

/** A large tensor is masked through a file, which knows float32 alone. */
function canMask(dtype: DType, bytes: number): boolean {
  return dtype === 'float32' || (hasMaskedForm(dtype) && bytes <= SMALL_TENSOR_BYTES);
}

async function openMasked(
  store: BlobStore,
  { digest, dtype, shape }: FormSubject,
  { dense, bytes }: { dense: FileHandle; bytes: number },
): Promise<FormReader | undefined> {
  if (bytes <= SMALL_TENSOR_BYTES) {
    const content = new Uint8Array(bytes);
    await readFully(dense, content, 0);
    const encoded = encodeForm(tensorFromBytes(dtype, shape, content));
    return memoryReader(encoded.form, encoded.bytes);
  }
  const path = formPath(store.root, digest, 'masked');
  return store.locks.hold([path], async () => {
    const total =
      (await fileSize(path)) ?? (await makeMasked(store, { path, dense, elements: sizeOf(shape) }));
    if (total === undefined) return undefined;
    const now = new Date();
    await utimes(path, now, now);
    return fileReader('masked', await open(path, 'r'), total);
  });
}

interface MaskedPlan {
  readonly path: string;
  readonly dense: FileHandle;
  readonly elements: number;
}

/** Not fsynced: after a power cut it may be damaged, so forms do not outlive the process (see `BlobStore.open`). */
async function makeMasked(
  store: BlobStore,
  { path, dense, elements }: MaskedPlan,
): Promise<number | undefined> {
  if (!(await looksMaskable(dense, elements))) return undefined;
  const temp = store.tempPath();
  try {
    const handle = await open(temp, 'wx');
    let total: number | undefined;
    try {
      total = await encodeMaskedFile(dense, elements, { handle, path: temp });
    } finally {
      await handle.close();
    }
    if (total !== undefined) await rename(temp, path);
    return total;
  } finally {
    await unlessMissing(() => rm(temp, { force: true }));
  }
}

function memoryReader(form: TensorForm, bytes: Uint8Array): FormReader {
  const close = async (): Promise<void> => undefined;
  const read = async (into: Uint8Array, offset: number): Promise<number> => {
    const part = bytes.subarray(offset, offset + into.byteLength);
    into.set(part);
    return part.byteLength;
  };
  return { form, total: bytes.byteLength, read, close, [Symbol.asyncDispose]: close };
}

function fileReader(form: TensorForm, handle: FileHandle, total: number): FormReader {
  const close = (): Promise<void> => handle.close();
  const read = (into: Uint8Array, offset: number): Promise<number> =>
    readFully(handle, into.subarray(0, Math.max(0, total - offset)), offset);
  return { form, total, read, close, [Symbol.asyncDispose]: close };
}
