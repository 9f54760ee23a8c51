/** Calls or answers that leave: cut into messages of at most 1 MiB of bytes, one call behind the other, within the credit of the other end. */
import { encodeData, PROTOCOL_LIMITS } from '@espalier/protocol';
import type { Socket } from '../socket';
import type { PluginDataHeader } from './incoming-data';

/** Each tensor starts at a multiple of this. */
const ALIGNMENT = 8;

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

  private pump(): void {
    while (this.waiting.length > 0) {
      const job = this.waiting[0];
      const { header, pieces, sent } = job;
      const count = Math.min(PROTOCOL_LIMITS.maxChunkBytes, header.total - sent);
      if (count > this.credit) return;
      const bytes = slice(pieces, sent, count);
      const head = sent === 0 ? header : { kind: 'plugin.part' as const, call: header.call, offset: sent };
      // That the connection has gone is told by `closed`.
      this.socket.send(encodeData(head, bytes)).catch(() => undefined);
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
