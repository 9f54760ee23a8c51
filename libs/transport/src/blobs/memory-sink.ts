/**
 * What arrives stays in memory: each tensor in an array of its own, into which chunks are copied once they are checked.
 * Beyond the tensors themselves it holds one masked form at most.
 */
import { storeError, type FormSubject } from '@espalier/store';
import {
  byteLength,
  decodeForm,
  sizeOf,
  tensorBytes,
  type Digest,
  type Tensor,
  type TensorForm,
} from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import type { ArrivingBlob, BlobSink, WholeForm } from './blob-sink';

export class MemorySink implements BlobSink {
  private readonly whole = new Map<Digest, Tensor>();
  private readonly partial = new Map<Digest, ArrivingInMemory>();

  /** A tensor that is whole and verified. */
  get(digest: Digest): Tensor | undefined {
    return this.whole.get(digest);
  }

  /** It belongs to one pull. */
  hold<T>(_digests: readonly Digest[], action: () => Promise<T>): Promise<T> {
    return action();
  }

  async has(digest: Digest): Promise<boolean> {
    return this.whole.has(digest);
  }

  async partialOf(digest: Digest): Promise<{ form: TensorForm; bytes: number } | undefined> {
    const found = this.partial.get(digest);
    return found && found.bytes > 0 ? { form: found.form, bytes: found.bytes } : undefined;
  }

  async open(
    subject: FormSubject,
    { form, keepBytes }: { readonly form: TensorForm; readonly keepBytes: number },
  ): Promise<ArrivingBlob> {
    const { digest } = subject;
    const found = this.partial.get(digest);
    if (found?.form === form && keepBytes > 0) {
      found.cutAt(keepBytes);
      return found;
    }
    const arriving = new ArrivingInMemory(form, subject, {
      put: (value) => {
        this.partial.delete(digest);
        this.whole.set(digest, value);
      },
      drop: () => this.partial.delete(digest),
    });
    this.partial.set(digest, arriving);
    return arriving;
  }

  async putWhole(subject: FormSubject, { form, bytes, formDigest }: WholeForm): Promise<void> {
    // A copy of its own: the message around the bytes may be larger, and lie at an odd offset.
    const value = decodeForm(form, subject.dtype, subject.shape, bytes.slice());
    requireSame(subject.digest, form === 'dense' ? formDigest : sha256(tensorBytes(value)));
    this.whole.set(subject.digest, value);
  }
}

class ArrivingInMemory implements ArrivingBlob {
  /** Of the dense size, whatever the form: a masked one is shorter, and pages that are not touched cost nothing. */
  private readonly buffer: Uint8Array;
  private received = 0;

  constructor(
    readonly form: TensorForm,
    private readonly subject: FormSubject,
    private readonly to: { put(value: Tensor): void; drop(): void },
  ) {
    this.buffer = new Uint8Array(byteLength(subject.dtype, sizeOf(subject.shape)));
  }

  get bytes(): number {
    return this.received;
  }

  cutAt(bytes: number): void {
    this.received = Math.min(this.received, bytes);
  }

  async append(bytes: Uint8Array, release: () => void): Promise<void> {
    this.buffer.set(bytes, this.received);
    release();
    this.received += bytes.byteLength;
  }

  async finish(digest?: Digest): Promise<void> {
    this.to.drop();
    const { dtype, shape } = this.subject;
    const value = decodeForm(this.form, dtype, shape, this.buffer.subarray(0, this.received));
    requireSame(this.subject.digest, digest ?? sha256(tensorBytes(value)));
    this.to.put(value);
  }

  async close(): Promise<void> {
    return undefined;
  }
}

function requireSame(expected: Digest, actual: Digest): void {
  if (actual !== expected) throw storeError('STORE_DIGEST', { path: 'what arrived', expected, actual });
}
