/** Calls or answers that leave: cut into messages of at most 1 MiB of bytes, one call behind the other, within the credit of the other end. */
import {
  CHUNK_ROOM_BYTES,
  encodeData,
  encodeDataAround,
  PROTOCOL_LIMITS,
  type PluginHeader,
} from '@espalier/protocol';
import type { Socket } from '../socket';
import type { PluginDataHeader } from './incoming-data';

/** Each tensor starts at a multiple of this. */
const ALIGNMENT = 8;

/** Parts are written into buffers that are used again: a fresh one each would keep V8 collecting. */
const BUFFER_BYTES = CHUNK_ROOM_BYTES + PROTOCOL_LIMITS.maxChunkBytes;
const MAX_FREE_BUFFERS = PROTOCOL_LIMITS.windowBytes / PROTOCOL_LIMITS.maxChunkBytes;
/** Shorter ones have no need of it. */
const MIN_BUFFERED_BYTES = 64 * 1024;

interface Job {
  readonly header: PluginDataHeader;
  readonly pieces: readonly Uint8Array[];
  sent: number;
}

/** Bytes of tensors that are put behind each other, the gaps counted. */
export function gatheredBytes(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + aligned(byteLength), 0);
}

export class OutgoingData {
  private readonly waiting: Job[] = [];
  private readonly free: Uint8Array[] = [];
  private credit: number = PROTOCOL_LIMITS.windowBytes;

  constructor(private readonly socket: Socket) {}

  /** `pieces` must stay as they are until the other end answers. */
  push(header: PluginDataHeader, pieces: readonly Uint8Array[]): void {
    this.waiting.push({ header, pieces, sent: 0 });
    this.pump();
  }

  grant(bytes: number): void {
    this.credit = Math.min(PROTOCOL_LIMITS.windowBytes, this.credit + bytes);
    this.pump();
  }

  /** Forgets what has not begun to leave; false when it has. */
  withdraw(call: number): boolean {
    const at = this.waiting.findIndex(({ header, sent }) => header.call === call && sent === 0);
    if (at >= 0) this.waiting.splice(at, 1);
    return at >= 0;
  }

  /** A part: its header fits before the room for its bytes. */
  private async sendBuffered(
    head: PluginHeader<'plugin.part'>,
    pieces: readonly Uint8Array[],
    count: number,
  ): Promise<void> {
    const buffer = this.free.pop() ?? new Uint8Array(BUFFER_BYTES);
    buffer.set(slice(pieces, head.offset, count), CHUNK_ROOM_BYTES);
    const frame = encodeDataAround(head, buffer, { start: CHUNK_ROOM_BYTES, end: CHUNK_ROOM_BYTES + count });
    try {
      await this.socket.send(frame);
      if (this.free.length < MAX_FREE_BUFFERS) this.free.push(buffer);
    } catch {
      // The connection has gone: `closed` tells it.
    }
  }

  private sendWhole(header: PluginHeader, bytes: Uint8Array): void {
    // That the connection has gone is told by `closed`.
    this.socket.send(encodeData(header, bytes)).catch(() => undefined);
  }

  private pump(): void {
    while (this.waiting.length > 0) {
      const job = this.waiting[0];
      const { header, pieces, sent } = job;
      const count = Math.min(PROTOCOL_LIMITS.maxChunkBytes, header.total - sent);
      if (count > this.credit) return;
      const part = { kind: 'plugin.part' as const, call: header.call, offset: sent };
      if (sent > 0 && count >= MIN_BUFFERED_BYTES) void this.sendBuffered(part, pieces, count);
      else this.sendWhole(sent === 0 ? header : part, slice(pieces, sent, count));
      this.credit -= count;
      job.sent += count;
      if (job.sent >= header.total) this.waiting.shift();
    }
  }
}

/** `count` bytes from `start` of the gathered pieces: a view where they lie in one piece. */
function slice(pieces: readonly Uint8Array[], start: number, count: number): Uint8Array {
  let at = 0;
  let target: Uint8Array | undefined;
  for (const piece of pieces) {
    const from = Math.max(0, start - at);
    const end = Math.min(piece.byteLength, start + count - at);
    if (from < end) {
      if (start >= at && start + count <= at + piece.byteLength) return piece.subarray(from, end);
      target ??= new Uint8Array(count);
      target.set(piece.subarray(from, end), at + from - start);
    }
    at += aligned(piece.byteLength);
    if (at >= start + count) break;
  }
  return target ?? new Uint8Array(count);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
