/**
 * One `want` from the receiver's side: chunks are checked, written, and credited when they are on their way to the disk;
 * each blob that is whole is verified and put. What arrived stays when the transfer is cut.
 */
import { errorCode } from '@espalier/base';
import { protocolError, PROTOCOL_LIMITS, type DataHeader } from '@espalier/protocol';
import { isSmall, type FormSubject } from '@espalier/store';
import { byteLength, sameShape, sizeOf, type Digest, type TensorForm } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { transportError } from '../errors';
import type { ArrivingBlob, BlobSink } from './blob-sink';
import type { OwnerConnection, ReceivedData } from './owner-connection';
import { RunningCheck } from './running-check';
import type { WireMeter } from './wire-meter';

/** Credit goes back in pieces of this size, so that neither chunks nor small tensors cost a message each. */
const CREDIT_STEP_BYTES = PROTOCOL_LIMITS.windowBytes / 4;

export interface IncomingOptions {
  readonly sink: BlobSink;
  readonly owner: OwnerConnection;
  readonly meter: WireMeter;
  /** The snapshot that the digests are tensors of; undefined: plain blobs. */
  readonly snapshot: Digest | undefined;
  /** At most `maxDigests`; the caller holds them, and none is in the sink. */
  readonly digests: readonly Digest[];
  readonly forms: readonly TensorForm[];
  /** dtype and shape by the manifest; undefined for a plain blob. */
  subjectOf(digest: Digest): FormSubject | undefined;
  /** Payload has arrived and is written. */
  onBytes(): void;
  /** A blob is whole, verified and in the sink. */
  onBlob(): void;
}

/** Returns the digests that the owner lacks. Throws TRANSPORT_*, PROTOCOL_*, STORE_DISK_FULL. */
export async function receiveBlobs(options: IncomingOptions): Promise<Digest[]> {
  const { sink, owner, meter, snapshot, digests, forms } = options;
  const transfer = owner.newTransfer();
  const partial: DataHeader<'want'>['partial'] = [];
  for (const digest of digests) {
    const found = await sink.partialOf(digest);
    if (found && forms.includes(found.form)) partial.push({ digest, ...found });
  }
  const credit = PROTOCOL_LIMITS.windowBytes;
  await owner.send({
    kind: 'want',
    transfer,
    snapshot,
    digests: [...digests],
    partial,
    forms: [...forms],
    credit,
    running: true,
  });

  const assembly = new Assembly(options, new Set(digests));
  let uncredited = 0;
  try {
    for (;;) {
      const data = await owner.next(transfer);
      const { header, bytes, release } = data;
      switch (header.kind) {
        case 'chunk':
          meter.received(data.frameBytes, bytes.byteLength, header.form);
          await assembly.take(header, bytes, release);
          options.onBytes();
          uncredited += bytes.byteLength;
          if (uncredited >= CREDIT_STEP_BYTES) {
            await owner.send({ kind: 'credit', transfer, bytes: uncredited });
            uncredited = 0;
          }
          break;
        case 'missing':
          meter.overhead(data.frameBytes);
          break;
        case 'end':
          meter.overhead(data.frameBytes);
          // What did not come is missing, whether or not the owner said so.
          return await assembly.finish();
        default:
          refuse(owner.url, data);
      }
    }
  } finally {
    await assembly.close();
  }
}

/** Blobs that are being put while the next ones arrive: their fsyncs share the disk's time. */
const MAX_PUTS = 16;
/** Dense bytes of small blobs that are being put. */
const MAX_PUT_BYTES = PROTOCOL_LIMITS.windowBytes / 2;

interface Arriving {
  readonly digest: Digest;
  readonly blob: ArrivingBlob;
  readonly check: RunningCheck;
  /** Did every byte come in this transfer, through `check`? */
  readonly isFromStart: boolean;
}

/** The one blob that is arriving in pieces, those that are being put, and what has arrived already. */
class Assembly {
  private readonly puts = new Set<Promise<void>>();
  private putBytes = 0;
  private failure: { readonly error: unknown } | undefined;
  private current: Arriving | undefined;

  constructor(
    private readonly options: IncomingOptions,
    private readonly wanted: Set<Digest>,
  ) {}

  /** `release` is called when the bytes have found their place. */
  async take(header: DataHeader<'chunk'>, bytes: Uint8Array, release: () => void): Promise<void> {
    this.throwFailure();
    const subject = this.requireFitting(header, bytes);
    const isWhole = header.offset === 0 && bytes.byteLength === header.total;
    if (isWhole && isSmall(subject)) {
      // Of the first chunk a check that runs on is that of its own bytes.
      const formDigest = requireChecked(header, sha256(bytes));
      const denseBytes = byteLength(subject.dtype, sizeOf(subject.shape));
      const { form } = header;
      return this.startPut(header, denseBytes, () =>
        this.options.sink.putWhole(subject, { form, bytes, formDigest }).finally(release),
      );
    }
    const { blob, check, isFromStart } = await this.arriving(header, subject);
    const soFar = check.add(bytes);
    requireChecked(header, header.running ? soFar : sha256(bytes));
    await blob.append(bytes, release);
    if (blob.bytes < header.total) return;
    this.current = undefined;
    await this.startPut(header, 0, () =>
      blob.finish(isFromStart && header.form === 'dense' ? soFar : undefined),
    );
  }

  /** Waits for what is being put; returns what never came. */
  async finish(): Promise<Digest[]> {
    await Promise.all(this.puts);
    this.throwFailure();
    return [...this.wanted];
  }

  async close(): Promise<void> {
    await Promise.all(this.puts);
    await this.current?.blob.close();
    this.current = undefined;
  }

  /** Lets a blob that is whole be verified and put, and waits while too many are. `heldBytes`: memory that it takes meanwhile. */
  private async startPut(
    header: DataHeader<'chunk'>,
    heldBytes: number,
    action: () => Promise<void>,
  ): Promise<void> {
    // Sent twice, it would not be wanted any more.
    this.wanted.delete(header.digest);
    this.putBytes += heldBytes;
    const put = this.verified(header, action)
      .then(() => this.options.onBlob())
      .catch((error: unknown) => void (this.failure ??= { error }))
      .finally(() => {
        this.puts.delete(put);
        this.putBytes -= heldBytes;
      });
    this.puts.add(put);
    while (this.puts.size >= MAX_PUTS || this.putBytes > MAX_PUT_BYTES) await Promise.race(this.puts);
    this.throwFailure();
  }

  private throwFailure(): void {
    if (this.failure) throw this.failure.error;
  }

  /** Throws TRANSPORT_UNEXPECTED for a chunk that was not asked for, or says something else than the manifest. */
  private requireFitting(header: DataHeader<'chunk'>, bytes: Uint8Array): FormSubject {
    const { digest, form, dtype, shape, offset, total } = header;
    const unexpected = (expected: string): Error =>
      transportError('TRANSPORT_UNEXPECTED', { url: this.options.owner.url, kind: 'chunk', expected });
    if (!this.wanted.has(digest)) throw unexpected('a blob that was asked for');
    const known = this.options.subjectOf(digest);
    const subject = known ?? { digest, dtype, shape };
    if (known ? known.dtype !== dtype || !sameShape(known.shape, shape) : dtype !== 'uint8') {
      throw unexpected('the dtype and shape of the manifest');
    }
    const denseBytes = byteLength(subject.dtype, sizeOf(subject.shape));
    const fits =
      form === 'dense' ? total === denseBytes : this.options.forms.includes(form) && total < denseBytes;
    if (!fits) throw unexpected(`a ${form} form of ${denseBytes} dense bytes`);
    const isLast = offset + bytes.byteLength === total;
    if (offset + bytes.byteLength > total || (bytes.byteLength === 0 && !isLast)) {
      throw unexpected('bytes within the form');
    }
    return subject;
  }

  /** The blob at the chunk's offset: the one that is arriving, or the first of the next. */
  private async arriving(header: DataHeader<'chunk'>, subject: FormSubject): Promise<Arriving> {
    const { digest, form, offset } = header;
    if (this.current && this.current.digest !== digest) {
      await this.current.blob.close();
      this.current = undefined;
    }
    if (!this.current) {
      const blob = await this.options.sink.open(subject, { form, keepBytes: offset });
      this.current = { digest, blob, check: new RunningCheck(), isFromStart: blob.bytes === 0 };
    }
    const { blob } = this.current;
    if (blob.form !== form || blob.bytes !== offset) {
      const expected = `${blob.form} bytes from ${blob.bytes}`;
      throw transportError('TRANSPORT_UNEXPECTED', { url: this.options.owner.url, kind: 'chunk', expected });
    }
    return this.current;
  }

  private async verified({ digest, form }: DataHeader<'chunk'>, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (cause) {
      const code = errorCode(cause);
      if (
        code !== 'STORE_DIGEST' &&
        code !== 'STORE_FORM' &&
        code !== 'TENSOR_FORM' &&
        code !== 'TENSOR_SIZE'
      ) {
        throw cause;
      }
      const { url } = this.options.owner;
      throw transportError('TRANSPORT_CORRUPT', { form, digest, url }, { cause });
    }
  }
}

/** Throws PROTOCOL_CHUNK unless the bytes give what the header says; returns it. */
function requireChecked({ digest, offset, check }: DataHeader<'chunk'>, actual: Digest): Digest {
  if (actual !== check) throw protocolError('PROTOCOL_CHUNK', { digest, offset, expected: check, actual });
  return actual;
}

/** The owner gave up, or sent what makes no sense here. */
export function refuse(url: string, { header }: ReceivedData): never {
  if (header.kind === 'error') throw transportError('TRANSPORT_PEER', { url, reason: header.message });
  throw transportError('TRANSPORT_UNEXPECTED', { url, kind: header.kind, expected: 'a chunk or the end' });
}
