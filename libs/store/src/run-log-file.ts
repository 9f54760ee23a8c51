/**
 * The format of `events.jsonl`: one JSON object a line, only ever added to. The first line is a header with the version.
 * Each line ends in `"check"`: the first 16 hex digits of the SHA-256 of the line's text before `,"check"`.
 */
import { canonicalJson, type JsonValue } from '@espalier/base';
import { sha256 } from '@espalier/tensor/digest';
import { createReadStream } from 'node:fs';
import { storeError } from './errors';
import { fileSize } from './files';

export const RUN_LOG_VERSION = 1;

/** Longest line that is read; events have at most 64 KiB on the wire. */
const MAX_LINE_BYTES = 1024 * 1024;
const NEW_LINE = 0x0a;
const CHECK = /,"check":"([0-9a-f]{16})"\}$/;

export interface LogRecord {
  /** Number in the log; the first is 1. */
  readonly seq: number;
  /** When it happened, milliseconds since the epoch. */
  readonly at: number;
  readonly type: string;
  readonly fields: { readonly [key: string]: JsonValue | undefined };
}

/** What a walk over a log found. */
export interface LogScan {
  /** Up to the end of the last good line. */
  readonly goodBytes: number;
  readonly totalBytes: number;
  readonly lastSeq: number;
  /** Number of the first damaged line behind which good ones follow, or undefined. */
  readonly brokenLine: number | undefined;
}

export function headerLine(): string {
  return sealed({ log: 'espalier-run', version: RUN_LOG_VERSION });
}

export function recordLine(record: LogRecord): string {
  return sealed({ seq: record.seq, at: record.at, type: record.type, fields: record.fields });
}

/**
 * Walks the log, in memory bounded by its longest line; `visit` gets each good record in order, up to the first damaged
 * one. Throws STORE_LOG_VERSION for a newer format. A missing file is an empty log.
 */
export async function scanLog(
  path: string,
  visit: (record: LogRecord) => void = () => undefined,
): Promise<LogScan> {
  const totalBytes = (await fileSize(path)) ?? 0;
  let goodBytes = 0;
  let lastSeq = 0;
  let brokenAt: number | undefined;
  let number = 0;
  if (totalBytes > 0) {
    for await (const { text, end } of linesOf(path)) {
      number++;
      const value = text === undefined ? undefined : opened(text);
      const record = value && number > 1 ? asRecord(value, lastSeq + 1) : undefined;
      const good = number === 1 ? value !== undefined && requireVersion(path, value) : record !== undefined;
      if (!good) {
        brokenAt ??= number;
        // A good line behind a damaged one: this is no torn end.
        if (value !== undefined && number > brokenAt)
          return { goodBytes, totalBytes, lastSeq, brokenLine: brokenAt };
        continue;
      }
      if (brokenAt !== undefined) return { goodBytes, totalBytes, lastSeq, brokenLine: brokenAt };
      goodBytes = end;
      if (!record) continue;
      lastSeq = record.seq;
      visit(record);
    }
  }
  return { goodBytes, totalBytes, lastSeq, brokenLine: undefined };
}

/** Lines with where they end; `text` is undefined for one that is too long or has no end. */
async function* linesOf(path: string): AsyncGenerator<{ text: string | undefined; end: number }> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let end = 0;
  for await (const piece of createReadStream(path) as AsyncIterable<Uint8Array>) {
    for (let start = 0; start < piece.byteLength;) {
      const at = piece.indexOf(NEW_LINE, start);
      const part = piece.subarray(start, at < 0 ? piece.byteLength : at);
      heldBytes += part.byteLength;
      if (heldBytes <= MAX_LINE_BYTES) held.push(part);
      start += part.byteLength;
      if (at < 0) break;
      start += 1;
      end += heldBytes + 1;
      yield { text: heldBytes <= MAX_LINE_BYTES ? Buffer.concat(held).toString('utf8') : undefined, end };
      held = [];
      heldBytes = 0;
    }
  }
  if (heldBytes > 0) yield { text: undefined, end: end + heldBytes };
}

function sealed(value: { readonly [key: string]: JsonValue | undefined }): string {
  const body = JSON.stringify(value).slice(0, -1);
  return `${body},"check":"${checkOf(body)}"}\n`;
}

/** The line's value when its check is right. */
function opened(text: string): Record<string, unknown> | undefined {
  const found = CHECK.exec(text);
  if (!found || checkOf(text.slice(0, found.index)) !== found[1]) return undefined;
  return JSON.parse(text) as Record<string, unknown>;
}

function checkOf(body: string): string {
  return sha256(new TextEncoder().encode(body)).slice(0, 16);
}

function asRecord(value: Record<string, unknown>, expectedSeq: number): LogRecord | undefined {
  if (value.seq !== expectedSeq) return undefined;
  return {
    seq: value.seq,
    at: value.at as number,
    type: value.type as string,
    fields: value.fields as LogRecord['fields'],
  };
}

function requireVersion(path: string, value: Record<string, unknown>): boolean {
  if (value.log !== 'espalier-run') return false;
  if (typeof value.version !== 'number' || value.version > RUN_LOG_VERSION) {
    throw storeError('STORE_LOG_VERSION', {
      path,
      actual: canonicalJson(value.version as JsonValue),
      expected: RUN_LOG_VERSION,
    });
  }
  return true;
}
