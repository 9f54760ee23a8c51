/** One answered `want`: reads each tensor in its form, cuts it into chunks, and sends them as credit allows. */
import type { Digest, TensorForm } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import {
  CHUNK_ROOM_BYTES,
  encodeData,
  encodeDataAround,
  PROTOCOL_LIMITS,
  type DataHeader,
} from '@espalier/protocol';
import { openForm, storeError, type BlobStore, type FormReader, type FormSubject } from '@espalier/store';
import { transportError } from '../errors';
import { ChunkFrames } from './chunk-frames';
import { RunningCheck } from './running-check';

export interface OutgoingOptions {
  readonly store: BlobStore;
  readonly want: DataHeader<'want'>;
  /** Resolves when the message is with the operating system; rejects when the receiver has gone. */
  send(message: Uint8Array): Promise<void>;
  /** A receiver that grants nothing for so long holds no transfer open any more. */
  readonly creditTimeoutMs: number;
  /** Name of the other end, for errors. */
  readonly peer: string;
}

/** A chunk in a frame of its own, with room for its header. */
interface ReadChunk {
  readonly frame: Uint8Array;
  /** A view into the frame. */
  readonly bytes: Uint8Array;
  readonly offset: number;
}

export class OutgoingTransfer {
  private credit: number;
  private stopped = false;
  private wake: () => void = () => undefined;
  private readonly frames = new ChunkFrames();
  /** The last chunk that was handed to the socket: those before it are sent when it is. */
  private sending: Promise<void> = Promise.resolve();
  private failure: { readonly error: unknown } | undefined;

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
    if (this.failure) throw this.failure.error;
    const { transfer } = want;
    if (missing.length > 0) await send(encodeData({ kind: 'missing', transfer, digests: missing }));
    await send(encodeData({ kind: 'end', transfer }));
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
    // Tensors with the same bytes may differ in shape: the first one stands for all, as at the receiver.
    const entries = new Map(manifest?.tensors.toReversed().map((entry) => [entry.digest, entry]));
    return async (digest) => entries.get(digest);
  }

  private async sendOne(subject: FormSubject): Promise<void> {
    const { want, store } = this.options;
    const partial = want.partial.find(({ digest }) => digest === subject.digest);
    const forms: readonly TensorForm[] = partial ? [partial.form, 'dense'] : [...want.forms, 'dense'];
    await using reader = await openForm(store, subject, partial?.form === 'dense' ? ['dense'] : forms);
    const isContinued = partial?.form === reader.form && partial.bytes <= reader.total;
    const check = want.running ? new RunningCheck() : undefined;
    let offset = isContinued ? partial.bytes : 0;
    let next = this.readChunk(subject, reader, offset);
    try {
      do {
        const chunk = await next;
        offset += chunk.bytes.byteLength;
        // The next chunk is read while this one waits for credit, is hashed and is sent.
        if (offset < reader.total) next = this.readChunk(subject, reader, offset);
        if (!(await this.takeCredit(chunk.bytes.byteLength))) return;
        this.sendChunk(chunk, { subject, reader, check });
      } while (offset < reader.total && !this.stopped);
    } finally {
      // The file is not closed under a chunk that is being read; whether that one failed matters to nobody any more.
      await next.catch(() => undefined);
    }
  }

  /** Throws STORE_DIGEST when the file is shorter than it was. */
  private async readChunk({ digest }: FormSubject, reader: FormReader, offset: number): Promise<ReadChunk> {
    const length = Math.min(PROTOCOL_LIMITS.maxChunkBytes, reader.total - offset);
    const frame = await this.frames.take();
    const bytes = frame.subarray(CHUNK_ROOM_BYTES, CHUNK_ROOM_BYTES + length);
    const count = await reader.read(bytes, offset);
    if (count === length) return { frame, bytes, offset };
    const details = { path: digest, expected: `${reader.total} bytes`, actual: `${offset + count} bytes` };
    throw storeError('STORE_DIGEST', details);
  }

  /** Hands a chunk to the socket; its frame is free again when the operating system has it. Throws what an earlier one met. */
  private sendChunk(
    { frame, bytes, offset }: ReadChunk,
    { subject, reader, check }: { subject: FormSubject; reader: FormReader; check?: RunningCheck },
  ): void {
    if (this.failure) throw this.failure.error;
    const { digest, dtype, shape } = subject;
    const header: DataHeader<'chunk'> = {
      kind: 'chunk',
      transfer: this.options.want.transfer,
      digest,
      form: reader.form,
      dtype,
      shape: [...shape],
      offset,
      total: reader.total,
      ...(check ? { check: check.add(bytes), running: true } : { check: sha256(bytes) }),
    };
    const end = CHUNK_ROOM_BYTES + bytes.byteLength;
    this.sending = this.options
      .send(encodeDataAround(header, frame, { start: CHUNK_ROOM_BYTES, end }))
      .catch((error: unknown) => void (this.failure ??= { error }))
      .finally(() => this.frames.give(frame));
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
