/** One pull: asks one owner after the other until everything that is wanted is in the sink. */
import { EspalierError, errorCode, silentLogger, type Logger } from '@espalier/base';
import { PROTOCOL_LIMITS } from '@espalier/protocol';
import type { FormSubject } from '@espalier/store';
import type { Digest, TensorForm } from '@espalier/tensor';
import { setTimeout as pause } from 'node:timers/promises';
import { transportError } from '../errors';
import type { BlobSink } from './blob-sink';
import { receiveBlobs } from './incoming-transfer';
import { OwnerConnection } from './owner-connection';
import { WireMeter } from './wire-meter';

/** Failures in a row, without a byte between them, before a pull gives up. */
const DEFAULT_ATTEMPTS = 6;
/** Answers of one owner that are of no use (damaged bytes, its own errors) before it is not asked again. */
const MAX_STRIKES = 2;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 3_000;

export interface PullProgress {
  /** Payload received so far, in the form in which it travels. */
  readonly receivedBytes: number;
  readonly doneBlobs: number;
  /** Blobs that this pull fetches; what was here is not counted. */
  readonly totalBlobs: number;
}

/** Whom to ask, and how; where it goes is another matter. */
export interface SourceOptions {
  /** Data URLs of the owners, best first. */
  readonly urls: readonly string[];
  readonly token: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
  /** Default: dense and masked. */
  readonly forms?: readonly TensorForm[];
  readonly attempts?: number;
  readonly heartbeatMs?: number;
  readonly logger?: Logger;
}

/** One pull: the owners that are left, the connection to the one in use, and what was counted. */
export class Pull implements AsyncDisposable {
  readonly meter = new WireMeter();
  private owners: readonly string[];
  private readonly strikes = new Map<string, number>();
  private connection: OwnerConnection | undefined;
  private failures = 0;
  private turn = 0;
  private readonly logger: Logger;

  constructor(
    private readonly options: SourceOptions,
    private readonly sink: BlobSink,
  ) {
    this.owners = options.urls;
    this.logger = options.logger ?? silentLogger;
  }

  /** Fetches until everything is in the sink. A value of undefined is a plain blob. */
  async fetch(
    wanted: ReadonlyMap<Digest, FormSubject | undefined>,
    snapshot: Digest | undefined,
  ): Promise<void> {
    const { sink } = this;
    const digests = [...wanted.keys()];
    let doneBlobs = 0;
    const report = (): void =>
      this.options.onProgress?.({ receivedBytes: this.meter.payload, doneBlobs, totalBlobs: digests.length });
    for (let first = 0; first < digests.length; first += PROTOCOL_LIMITS.maxDigests) {
      const batch = digests.slice(first, first + PROTOCOL_LIMITS.maxDigests);
      await sink.hold(batch, () =>
        this.attempt(async (owner) => {
          const lacking: Digest[] = [];
          for (const digest of batch) if (!(await sink.has(digest))) lacking.push(digest);
          if (lacking.length === 0) return;
          const missing = await receiveBlobs({
            sink,
            owner,
            meter: this.meter,
            snapshot,
            digests: lacking,
            forms: this.options.forms ?? ['dense', 'masked'],
            subjectOf: (digest) => wanted.get(digest),
            onBytes: () => {
              this.failures = 0;
              report();
            },
            onBlob: () => {
              doneBlobs++;
              report();
            },
          });
          if (missing.length > 0) {
            throw transportError('TRANSPORT_MISSING', { urls: owner.url, digest: missing[0] });
          }
        }),
      );
    }
  }

  /** Runs `action` at one owner after the other until it succeeds; it must be fit to be repeated. */
  async attempt<T>(action: (owner: OwnerConnection) => Promise<T>): Promise<T> {
    const { token, signal, heartbeatMs } = this.options;
    for (;;) {
      if (this.owners.length === 0) {
        throw transportError('TRANSPORT_MISSING', { urls: 'no address', digest: 'the snapshot' });
      }
      const url = this.owners[this.turn % this.owners.length];
      try {
        this.connection ??= await OwnerConnection.open({ url, token, signal, heartbeatMs });
        return await action(this.connection);
      } catch (error) {
        await this[Symbol.asyncDispose]();
        await this.afterFailure(url, error);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection?.close();
    this.connection = undefined;
  }

  /** Throws when there is no use in going on; else the next turn is another owner's, or the same one's once more. */
  private async afterFailure(url: string, error: unknown): Promise<void> {
    const code = errorCode(error);
    if (this.options.signal?.aborted) {
      throw transportError('TRANSPORT_CANCELLED', { what: `pulling from ${url}` }, { cause: error });
    }
    if (code === 'STORE_DISK_FULL') throw error;
    this.logger.warn('a transfer is tried again', { url, code });
    this.turn++;
    if (code !== 'TRANSPORT_DISCONNECTED' && code !== 'TRANSPORT_UNREACHABLE') {
      // It lacks the blob, does not want us, or sends what is damaged: of no use, at the latest the second time.
      const isRetryable = error instanceof EspalierError && error.retryable && code !== 'TRANSPORT_MISSING';
      const strikes = (this.strikes.get(url) ?? 0) + (isRetryable ? 1 : MAX_STRIKES);
      this.strikes.set(url, strikes);
      if (strikes >= MAX_STRIKES) this.owners = this.owners.filter((owner) => owner !== url);
      if (this.owners.length === 0) throw error;
      return;
    }
    this.failures++;
    if (this.failures >= (this.options.attempts ?? DEFAULT_ATTEMPTS)) throw error;
    const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.failures - 1));
    await pause(pauseMs, undefined, { signal: this.options.signal }).catch(() => {
      throw transportError('TRANSPORT_CANCELLED', { what: `pulling from ${url}` });
    });
  }
}
