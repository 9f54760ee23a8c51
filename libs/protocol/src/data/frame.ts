/**
 * Data messages: `[header, bytes]`, one msgpack array of a map and a byte string. The header's last field, `pad`, has as
 * many zeros as it takes for `bytes` to start at a multiple of 8 in the message, so that a typed array can view them
 * where the message itself is aligned (see `viewElements`).
 */
import { viewAs, type DType, type TensorData } from '@espalier/tensor';
import type * as z from 'zod';
import { invalid } from '../envelope';
import { protocolError } from '../errors';
import { PROTOCOL_LIMITS } from '../limits';
import { pack, plainCopy, unpack } from '../msgpack';
import { HEADER_SCAN, scanValue } from '../scan';
import { DATA_HEADERS, type DataHeader, type DataKind } from './headers';
import { PLUGIN_HEADERS, type PluginHeader } from './plugin-headers';
import { VIEW_HEADERS, type ViewHeader } from './view-headers';

export interface DataMessage<Kind extends DataKind = DataKind> {
  readonly header: DataHeader<Kind>;
  /** A view into the received message, or empty. Starts at a multiple of 8 in it. */
  readonly bytes: Uint8Array;
}

export interface PluginDataMessage {
  readonly header: PluginHeader;
  /** As in a `DataMessage`. */
  readonly bytes: Uint8Array;
}

export interface ViewDataMessage {
  readonly header: ViewHeader;
  /** As in a `DataMessage`. */
  readonly bytes: Uint8Array;
}

/** What may be sent: the headers of all three planes. */
type AnyHeader = DataHeader | PluginHeader | ViewHeader;

const ALIGNMENT = 8;
const ARRAY_OF_TWO = 0x92;
const BIN32 = 0xc6;
/** Length of a bin32's first byte and length. */
const BIN32_HEAD = 5;
const NO_BYTES = new Uint8Array(0);

/** Room before a chunk's bytes for its header, which has some 400 bytes: digests, numbers, at most eight axes. */
export const CHUNK_ROOM_BYTES = 1024;

/** Throws PROTOCOL_TOO_LARGE when header or message are beyond their limits, PROTOCOL_BODY for a header that is not valid. */
export function encodeData(header: AnyHeader, bytes: Uint8Array = NO_BYTES): Uint8Array {
  const head = encodeHead(header, bytes.byteLength);
  const frame = new Uint8Array(head.byteLength + bytes.byteLength);
  frame.set(head);
  frame.set(bytes, head.byteLength);
  return frame;
}

/**
 * The message around bytes that lie in `buffer` already, from `start` to `end`: what comes before them is written in front
 * of them. Returns a view from the message's first byte on, without a copy. Throws as `encodeData`, and a RangeError when
 * `start` leaves too little room: `CHUNK_ROOM_BYTES` are enough for a chunk.
 */
export function encodeDataAround(
  header: AnyHeader,
  buffer: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): Uint8Array {
  const head = encodeHead(header, end - start);
  buffer.set(head, start - head.byteLength);
  return buffer.subarray(start - head.byteLength, end);
}

/** Everything before the bytes: a multiple of 8. */
function encodeHead(header: AnyHeader, byteCount: number): Uint8Array {
  const plain = plainCopy(header, header.kind, 'header') as object;
  const bare = pack({ ...plain, pad: NO_BYTES });
  requireAtMost(bare.byteLength, PROTOCOL_LIMITS.maxHeaderBytes, 'header of a data message');
  const padding = (ALIGNMENT - ((1 + bare.byteLength + BIN32_HEAD) % ALIGNMENT)) % ALIGNMENT;
  const start = 1 + bare.byteLength + padding + BIN32_HEAD;
  requireAtMost(start + byteCount, PROTOCOL_LIMITS.maxFrameBytes, 'data message');

  const head = new Uint8Array(start);
  head[0] = ARRAY_OF_TWO;
  head.set(bare, 1);
  // `pad` comes last, an empty bin8: its length is the last byte, and its zeros are there already.
  head[bare.byteLength] = padding;
  head[start - BIN32_HEAD] = BIN32;
  new DataView(head.buffer).setUint32(start - BIN32_HEAD + 1, byteCount);
  return head;
}

/** Throws PROTOCOL_TOO_LARGE, PROTOCOL_FRAME, PROTOCOL_KIND or PROTOCOL_BODY. The bytes are not copied. */
export function decodeData(frame: Uint8Array): DataMessage {
  const { raw, bytes } = splitFrame(frame);
  return { header: validateHeader(raw, DATA_HEADERS) as DataHeader, bytes };
}

/** As `decodeData`, on a plugin's connection. */
export function decodePluginData(frame: Uint8Array): PluginDataMessage {
  const { raw, bytes } = splitFrame(frame);
  return { header: validateHeader(raw, PLUGIN_HEADERS) as PluginHeader, bytes };
}

/** As `decodeData`, on a viewer's connection. */
export function decodeViewData(frame: Uint8Array): ViewDataMessage {
  const { raw, bytes } = splitFrame(frame);
  return { header: validateHeader(raw, VIEW_HEADERS) as ViewHeader, bytes };
}

/** The header, decoded and not looked at yet, and a view of the bytes. */
function splitFrame(frame: Uint8Array): { readonly raw: unknown; readonly bytes: Uint8Array } {
  requireAtMost(frame.byteLength, PROTOCOL_LIMITS.maxFrameBytes, 'data message');
  if (frame[0] !== ARRAY_OF_TWO) throw broken(0, 'a data message is an array of two');
  // The scan of the header sees only as many bytes as a header may have.
  const headerArea = frame.subarray(0, 1 + PROTOCOL_LIMITS.maxHeaderBytes);
  const headerEnd = scanValue(headerArea, 1, HEADER_SCAN);
  const start = headerEnd + BIN32_HEAD;
  if (frame[headerEnd] !== BIN32 || frame.byteLength < start)
    throw broken(headerEnd, 'a bin32 must follow the header');
  const declared = new DataView(frame.buffer, frame.byteOffset).getUint32(headerEnd + 1);
  if (start + declared !== frame.byteLength) {
    throw broken(headerEnd, `${declared} bytes are declared, but ${frame.byteLength - start} follow`);
  }
  if (start % ALIGNMENT !== 0) throw broken(start, `the bytes do not start at a multiple of ${ALIGNMENT}`);
  return { raw: unpack(frame.subarray(1, headerEnd)), bytes: frame.subarray(start) };
}

/** Elements of received bytes: a view where the message lies aligned in memory, else one copy. */
export function viewElements(dtype: DType, bytes: Uint8Array): TensorData {
  return viewAs(dtype, bytes);
}

function validateHeader(raw: unknown, table: Readonly<Record<string, z.ZodType>>): unknown {
  const kind = typeof raw === 'object' && raw !== null ? (raw as { kind?: unknown }).kind : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(table, kind)) {
    throw protocolError('PROTOCOL_KIND', { kind: String(kind).slice(0, 64) });
  }
  const parsed = table[kind].safeParse(raw);
  if (!parsed.success) throw invalid(kind, parsed.error);
  return parsed.data;
}

function requireAtMost(actual: number, limit: number, what: string): void {
  if (actual > limit) throw protocolError('PROTOCOL_TOO_LARGE', { what, actual, limit });
}

function broken(offset: number, problem: string): Error {
  return protocolError('PROTOCOL_FRAME', { offset, problem });
}
