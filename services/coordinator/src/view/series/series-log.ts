/**
 * `series.log`: the figures of a run as services told them, so that its curves are there after a restart. A line of text with the format's
 * version, then one record after the other: the length of the message (4 bytes, little-endian), the first 8 bytes of its SHA-256, and the
 * `points` message itself, as it travels. Only ever added to. A record that is torn or damaged ends what is read, and is cut off.
 */
import { decodeMessage, encodeMessage, PROTOCOL_LIMITS, type Message } from '@espalier/protocol';
import type { Digest } from '@espalier/tensor';
import { createHash } from 'node:crypto';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { coordinatorError } from '../../errors';

const HEAD = new TextEncoder().encode('espalier-series 1\n');
const CHECK_BYTES = 8;
const FRAME_BYTES = 4 + CHECK_BYTES;
/** Records are read in pieces of this size. */
const READ_BYTES = 256 * 1024;

type Points = Message<'points'>;

interface Place {
  readonly at: number;
  readonly bytes: number;
}

export class SeriesLog {
  private readonly path: string;
  /** Undefined: there is none yet. */
  private file: FileHandle | undefined;
  /** Where the messages of each stage lie: a stage is read again without the others. */
  private readonly places = new Map<Digest, Place[]>();
  private end = HEAD.byteLength;

  private constructor(path: string, file: FileHandle | undefined) {
    this.path = path;
    this.file = file;
  }

  /** The file is made with the first record. Throws COORDINATOR_SERIES_LOG for another format. */
  static async open(path: string): Promise<SeriesLog> {
    const exists = await stat(path).then(
      () => true,
      () => false,
    );
    if (!exists) return new SeriesLog(path, undefined);
    const file = await open(path, 'a+');
    const log = new SeriesLog(path, file);
    try {
      await log.scan(file);
    } catch (error) {
      await file.close();
      throw error;
    }
    return log;
  }

  /** Settles when it is with the operating system: a process that is killed then has not lost it. One after the other. */
  async append(points: Points): Promise<void> {
    if (!this.file) {
      this.file = await open(this.path, 'a+');
      await this.file.appendFile(HEAD);
    }
    const bytes = encodeMessage(points);
    const record = new Uint8Array(FRAME_BYTES + bytes.byteLength);
    new DataView(record.buffer).setUint32(0, bytes.byteLength, true);
    record.set(checkOf(bytes), 4);
    record.set(bytes, FRAME_BYTES);
    try {
      await this.file.appendFile(record);
    } catch (error) {
      // Half a record, e.g. on a full disk: what comes next would stand behind it.
      await this.file.truncate(this.end).catch(() => undefined);
      throw error;
    }
    this.place(points.body.key, { at: this.end + FRAME_BYTES, bytes: bytes.byteLength });
    this.end += record.byteLength;
  }

  has(key: Digest): boolean {
    return this.places.has(key);
  }

  /** What was told of a stage, in the order in which it came. */
  async *read(key: Digest): AsyncGenerator<Points> {
    const { file } = this;
    for (const { at, bytes } of (file && this.places.get(key)) ?? []) {
      yield decodeMessage(await bytesAt(file as FileHandle, at, bytes)) as Points;
    }
  }

  /** Waits until it is on the disk. */
  async close(): Promise<void> {
    await this.file?.datasync();
    await this.file?.close();
  }

  private place(key: Digest, place: Place): void {
    const known = this.places.get(key);
    if (known) known.push(place);
    else this.places.set(key, [place]);
  }

  private async scan(file: FileHandle): Promise<void> {
    const { size } = await file.stat();
    if (size < HEAD.byteLength) {
      await file.truncate(0);
      await file.appendFile(HEAD);
      return;
    }
    const head = await bytesAt(file, 0, HEAD.byteLength);
    if (!Buffer.from(head).equals(HEAD))
      throw coordinatorError('COORDINATOR_SERIES_LOG', { path: this.path });
    let held = new Uint8Array(0);
    let heldAt = this.end;
    while (this.end < size) {
      const record = readRecord(held, this.end - heldAt);
      if (record === 'more') {
        const wanted = Math.min(READ_BYTES, size - this.end);
        // All that is left was looked at, and the record still has no end: it is torn.
        if (heldAt === this.end && held.byteLength === wanted) break;
        held = await bytesAt(file, this.end, wanted);
        heldAt = this.end;
        continue;
      }
      if (record === 'broken') break;
      this.place(record.key, { at: this.end + FRAME_BYTES, bytes: record.bytes });
      this.end += FRAME_BYTES + record.bytes;
    }
    if (this.end < size) await file.truncate(this.end);
  }
}

async function bytesAt(file: FileHandle, at: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, at);
  return buffer.subarray(0, bytesRead);
}

/** The record at `start`; `more` when `held` ends before it does. */
function readRecord(
  held: Uint8Array,
  start: number,
): 'more' | 'broken' | { readonly key: Digest; readonly bytes: number } {
  if (held.byteLength < start + FRAME_BYTES) return 'more';
  const bytes = new DataView(held.buffer, held.byteOffset).getUint32(start, true);
  if (bytes > PROTOCOL_LIMITS.maxControlBytes) return 'broken';
  const from = start + FRAME_BYTES;
  if (held.byteLength < from + bytes) return 'more';
  const message = held.subarray(from, from + bytes);
  if (!Buffer.from(checkOf(message)).equals(held.subarray(start + 4, from))) return 'broken';
  try {
    return { key: (decodeMessage(message) as Points).body.key, bytes };
  } catch {
    return 'broken';
  }
}

function checkOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES);
}
