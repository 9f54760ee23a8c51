/** One answered `want`: reads each tensor in its form, cuts it into chunks, and sends them as credit allows. */
import type { Digest, TensorForm } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { PROTOCOL_LIMITS, type DataHeader } from '@espalier/protocol';
import { openForm, type BlobStore, type FormReader, type FormSubject } from '@espalier/store';
import { transportError } from '../errors';

export interface OutgoingOptions {
  readonly store: BlobStore;
  readonly want: DataHeader<'want'>;
  /** Resolves when the message is with the operating system; rejects when the receiver has gone. */
  send(header: DataHeader, bytes?: Uint8Array): Promise<void>;
  /** A receiver that grants nothing for so long holds no transfer open any more. */
  readonly creditTimeoutMs: number;
  /** Name of the other end, for errors. */
  readonly peer: string;
}

export class OutgoingTransfer {
  private credit: number;
  private stopped = false;
  private wake: () => void = () => undefined;
  /** The chunk that is being sent while the next one is read. */
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly options: OutgoingOptions) {
    this.credit = options.want.credit;
  }

  /** More may be sent; never more than a window in all. */
  grant(bytes: number): void {
    this.credit = Math.min(this.credit + bytes, PROTOCOL_LIMITS.windowBytes);
    this.wake();
  }

  stop(): void {
    this.stopped = true;
    this.wake();
  }

  /** Resolves when everything is sent, or the transfer was stopped. Throws TRANSPORT_NO_CREDIT, STORE_*. */
  async run(): Promise<void> {
    const { want, send, store } = this.options;
    const subjectOf = await this.catalogue();
    const missing: Digest[] = [];
    for (const digest of want.digests) {
      const subject = (await store.has(digest)) ? await subjectOf(digest) : undefined;
      if (subject) await this.sendOne(subject);
      else missing.push(digest);
      if (this.stopped) return;
    }
    await this.sending;
    if (missing.length > 0) await send({ kind: 'missing', transfer: want.transfer, digests: missing });
    await send({ kind: 'end', transfer: want.transfer });
  }

  /** What each wanted digest is: a tensor of the snapshot, or a plain blob. */
  private async catalogue(): Promise<(digest: Digest) => Promise<FormSubject | undefined>> {
    const { want, store } = this.options;
    if (want.snapshot === undefined) {
      return async (digest) => {
        const bytes = await store.size(digest);
        return bytes === undefined ? undefined : { digest, dtype: 'uint8', shape: [bytes] };
      };
    }
    const manifest = (await store.hasManifest(want.snapshot))
      ? await store.getManifest(want.snapshot)
      : undefined;
    const entries = new Map(manifest?.tensors.map((entry) => [entry.digest, entry]));
    return async (digest) => entries.get(digest);
  }

  private async sendOne(subject: FormSubject): Promise<void> {
    const { want, store } = this.options;
    const partial = want.partial.find(({ digest }) => digest === subject.digest);
    const forms: readonly TensorForm[] = partial ? [partial.form, 'dense'] : [...want.forms, 'dense'];
    await using reader = await openForm(store, subject, partial?.form === 'dense' ? ['dense'] : forms);
    const isContinued = partial?.form === reader.form && partial.bytes <= reader.total;
    let offset = isContinued ? partial.bytes : 0;
    do {
      const length = Math.min(PROTOCOL_LIMITS.maxChunkBytes, reader.total - offset);
      if (!(await this.takeCredit(length))) return;
      await this.sendChunk(subject, reader, { offset, length });
      offset += length;
    } while (offset < reader.total && !this.stopped);
  }

  private async sendChunk(
    { digest, dtype, shape }: FormSubject,
    reader: FormReader,
    { offset, length }: { offset: number; length: number },
  ): Promise<void> {
    const bytes = await reader.read(offset, length);
    const header: DataHeader<'chunk'> = {
      kind: 'chunk',
      transfer: this.options.want.transfer,
      digest,
      form: reader.form,
      dtype,
      shape: [...shape],
      offset,
      total: reader.total,
      check: sha256(bytes),
    };
    await this.sending;
    this.sending = this.options.send(header, bytes);
    // Whoever awaits `sending` next sees the failure; until then it is not unhandled.
    this.sending.catch(() => undefined);
  }

  /** Waits until `bytes` may be sent; false when stopped. */
  private async takeCredit(bytes: number): Promise<boolean> {
    while (this.credit < bytes && !this.stopped) await this.nextGrant();
    this.credit -= bytes;
    return !this.stopped;
  }

  /** Settles when something was granted or the transfer was stopped; rejects when neither comes in time. */
  private nextGrant(): Promise<void> {
    const { creditTimeoutMs: timeoutMs, peer } = this.options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(transportError('TRANSPORT_NO_CREDIT', { peer, timeoutMs })),
        timeoutMs,
      );
      timer.unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
