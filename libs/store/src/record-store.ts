/**
 * Small JSON records by key, one file each, replaced as a whole: the stage cache (key of a stage's inputs to its result),
 * pins, checkpoints. For a cache a damaged record is as good as none (`find`); for pins it is an error (`get`).
 */
import type { JsonValue } from '@espalier/base';
import { errorCode, errorMessage } from '@espalier/base';
import { sha256 } from '@espalier/tensor/digest';
import { readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { storeError } from './errors';
import { makeFolder, namesIn, syncFolder, unlessMissing, writeFileAtomic } from './files';
import { requireName } from './names';

const VERSION = 1;
const SUFFIX = '.json';

export class RecordStore<T extends JsonValue = JsonValue> {
  private constructor(readonly folder: string) {}

  static async open<T extends JsonValue = JsonValue>(folder: string): Promise<RecordStore<T>> {
    await makeFolder(folder);
    return new RecordStore<T>(folder);
  }

  /** The record, or undefined when there is none. Throws STORE_RECORD when it is damaged, STORE_NAME for a key that is no name. */
  async get(key: string): Promise<T | undefined> {
    const path = this.path(key);
    const text = await unlessMissing(() => readFile(path, 'utf8'));
    if (text === undefined) return undefined;
    let raw: { version?: unknown; check?: unknown; value?: T };
    try {
      raw = JSON.parse(text) as typeof raw;
    } catch (cause) {
      throw storeError('STORE_RECORD', { path, problem: errorMessage(cause) }, { cause });
    }
    if (raw.version !== VERSION)
      throw storeError('STORE_RECORD', { path, problem: `its version is not ${VERSION}` });
    if (raw.value === undefined || raw.check !== checkOf(raw.value)) {
      throw storeError('STORE_RECORD', { path, problem: 'its checksum is wrong' });
    }
    return raw.value;
  }

  /** The record, or undefined when there is none or it is damaged: for what can be made again. Other errors are thrown, as by `get`. */
  async find(key: string): Promise<T | undefined> {
    try {
      return await this.get(key);
    } catch (error) {
      if (errorCode(error) === 'STORE_RECORD') return undefined;
      throw error;
    }
  }

  /** Replaces the record atomically. Throws STORE_DISK_FULL. */
  async put(key: string, value: T): Promise<void> {
    const plain = JSON.parse(JSON.stringify(value)) as T;
    await writeFileAtomic(
      this.path(key),
      `${JSON.stringify({ version: VERSION, check: checkOf(plain), value: plain })}\n`,
    );
  }

  async delete(key: string): Promise<void> {
    await rm(this.path(key), { force: true });
    await syncFolder(this.folder);
  }

  /** The keys, sorted. */
  async keys(): Promise<string[]> {
    return (await namesIn(this.folder))
      .filter((name) => name.endsWith(SUFFIX) && !name.startsWith('.'))
      .map((name) => name.slice(0, -SUFFIX.length));
  }

  /** What the record takes on the disk; 0 when there is none. */
  async bytes(key: string): Promise<number> {
    return (await unlessMissing(() => stat(this.path(key))))?.size ?? 0;
  }

  /** The keys with the time of the last put or touch, milliseconds since the epoch; the longest unused first. */
  async list(): Promise<{ readonly key: string; readonly usedMs: number }[]> {
    const found: { key: string; usedMs: number }[] = [];
    for (const key of await this.keys()) {
      const record = await unlessMissing(() => stat(this.path(key)));
      if (record) found.push({ key, usedMs: record.mtimeMs });
    }
    return found.sort((a, b) => a.usedMs - b.usedMs);
  }

  /** It is in use again; nothing happens when there is no such record. */
  async touch(key: string): Promise<void> {
    const now = new Date();
    await unlessMissing(() => utimes(this.path(key), now, now));
  }

  private path(key: string): string {
    return join(this.folder, `${requireName(key, 'record')}${SUFFIX}`);
  }
}

/** Over the text as JSON.stringify gives it, which JSON.parse keeps. */
function checkOf(value: JsonValue): string {
  return sha256(new TextEncoder().encode(JSON.stringify(value))).slice(0, 16);
}
