/** Where a pull puts what arrives: a store, or memory. */
import type { Digest, TensorForm } from '@espalier/tensor';
import type { FormSubject } from '@espalier/store';

export interface BlobSink {
  /** Runs `action` while no other pull writes these digests. */
  hold<T>(digests: readonly Digest[], action: () => Promise<T>): Promise<T>;
  has(digest: Digest): Promise<boolean>;
  /** What is there of a blob from a transfer that was cut. */
  partialOf(digest: Digest): Promise<{ readonly form: TensorForm; readonly bytes: number } | undefined>;
  /** A blob that arrives in pieces, with the first `keepBytes` of what is there. */
  open(
    subject: FormSubject,
    options: { readonly form: TensorForm; readonly keepBytes: number },
  ): Promise<ArrivingBlob>;
  /**
   * A small blob that came whole; `bytes` may be changed when it is done. `formDigest` is their SHA-256. Throws STORE_DIGEST,
   * STORE_DISK_FULL, TENSOR_SIZE, TENSOR_FORM.
   */
  putWhole(subject: FormSubject, whole: WholeForm): Promise<void>;
}

export interface WholeForm {
  readonly form: TensorForm;
  readonly bytes: Uint8Array;
  readonly formDigest: Digest;
}

export interface ArrivingBlob {
  readonly form: TensorForm;
  /** Bytes of the form that are here. */
  readonly bytes: number;
  /** Checked bytes; `release` is called when they may be changed again. Throws STORE_DISK_FULL, here or later. */
  append(bytes: Uint8Array, release: () => void): Promise<void>;
  /**
   * Verifies the whole and puts it. `digest` is the SHA-256 of a dense form whose every byte came through `append`. Throws
   * STORE_DIGEST, STORE_FORM, TENSOR_FORM or STORE_DISK_FULL.
   */
  finish(digest?: Digest): Promise<void>;
  /** Keeps what is there for the next attempt. */
  close(): Promise<void>;
}
