/**
 * A run's event log (format: run-log-file.ts). A torn last record, which a power cut or a kill leaves, is cut off when the
 * log is opened. Records that are asked for at the same time are written and fsynced together. One process writes a log;
 * any number may read it.
 */
import { open, truncate, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { storeError } from './errors';
import { fileSize, makeFolder, syncFolder, writeAll } from './files';
import { headerLine, recordLine, scanLog, type LogRecord } from './run-log-file';

export interface RunLogOptions {
  /** Cut the log at the first damaged record even when there are others behind it. Default false: STORE_LOG_BROKEN. */
  readonly repair?: boolean;
  readonly nowMs?: () => number;
}

export interface AppendOptions {
  /** False: written, but not fsynced before the promise resolves (progress at a high rate). Default true. */
  readonly durable?: boolean;
  /** Default: now. */
  readonly at?: number;
}

interface Waiting {
  readonly record: LogRecord;
  readonly durable: boolean;
  readonly resolve: (record: LogRecord) => void;
  readonly reject: (error: unknown) => void;
}

export class RunLog implements AsyncDisposable {
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private failure: unknown;
  private closed = false;
  private unsynced = false;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private seq: number,
    /** Bytes that were cut off when the log was opened: a torn record. */
    readonly cutBytes: number,
    private readonly nowMs: () => number,
  ) {}

  /** Opens a log to add to, made when it is missing. Throws STORE_LOG_BROKEN, STORE_LOG_VERSION, STORE_DISK_FULL. */
  static async open(path: string, options: RunLogOptions = {}): Promise<RunLog> {
    await makeFolder(dirname(path));
    const isNew = (await fileSize(path)) === undefined;
    const found = await scanLog(path);
    if (found.brokenLine !== undefined && !options.repair) {
      throw storeError('STORE_LOG_BROKEN', { path, line: found.brokenLine });
    }
    const cutBytes = found.totalBytes - found.goodBytes;
    if (cutBytes > 0) await truncate(path, found.goodBytes);
    const handle = await open(path, 'a');
    try {
      if (found.goodBytes === 0) await writeAll(handle, encode(headerLine()), path);
      await handle.sync();
      if (isNew) await syncFolder(dirname(path));
    } catch (error) {
      await handle.close();
      throw error;
    }
    return new RunLog(path, handle, found.lastSeq, cutBytes, options.nowMs ?? Date.now);
  }

  /** Number of the last record that was asked for; 0 when there is none. */
  get lastSeq(): number {
    return this.seq;
  }

  /**
   * Adds a record; its number is given at once, in the order of calls. Resolves when it is written (and, when durable,
   * fsynced). Throws STORE_DISK_FULL, STORE_LOG_CLOSED; after a failed write nothing more is taken.
   */
  append(type: string, fields: LogRecord['fields'], options: AppendOptions = {}): Promise<LogRecord> {
    if (this.closed) return Promise.reject(storeError('STORE_LOG_CLOSED', { path: this.path }));
    if (this.failure !== undefined) return Promise.reject(this.failure as Error);
    const record = { seq: ++this.seq, at: options.at ?? this.nowMs(), type, fields };
    return new Promise((resolve, reject) => {
      this.waiting.push({ record, durable: options.durable ?? true, resolve, reject });
      this.writing ??= this.writeWaiting();
    });
  }

  /** The records from `fromSeq` on that are on disk now. */
  read(options: { fromSeq?: number } = {}): Promise<LogRecord[]> {
    return readRunLog(this.path, options);
  }

  /** Writes what is waiting, fsyncs and closes. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.writing;
    if (this.unsynced && this.failure === undefined) await this.handle.sync();
    await this.handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async writeWaiting(): Promise<void> {
    // One turn of the event loop, so that the records of one burst share a write and an fsync.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        await writeAll(
          this.handle,
          encode(batch.map(({ record }) => recordLine(record)).join('')),
          this.path,
        );
        this.unsynced = true;
        if (batch.some(({ durable }) => durable)) {
          await this.handle.sync();
          this.unsynced = false;
        }
        for (const { record, resolve } of batch) resolve(record);
      } catch (error) {
        this.failure = error;
        for (const { reject } of [...batch, ...this.waiting]) reject(error);
        this.waiting = [];
      }
    }
    this.writing = undefined;
  }
}

/** The records of a log from `fromSeq` on, up to the first that is torn; none when there is no such file. */
export async function readRunLog(path: string, options: { fromSeq?: number } = {}): Promise<LogRecord[]> {
  const from = options.fromSeq ?? 1;
  const records: LogRecord[] = [];
  await scanLog(path, (record) => {
    if (record.seq >= from) records.push(record);
  });
  return records;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
