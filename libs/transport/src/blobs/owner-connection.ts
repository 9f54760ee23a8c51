/** The receiver's end of one connection to an owner: frames in order, each handled before the next is looked at. */
import { errorMessage } from '@espalier/base';
import {
  decodeData,
  encodeData,
  PROTOCOL_LIMITS,
  type DataHeader,
  type DataMessage,
} from '@espalier/protocol';
import { CLOSE, type CloseInfo } from '../close-codes';
import { dial } from '../dial';
import { transportError } from '../errors';
import { lostError } from '../lost-error';
import type { Socket } from '../socket';
import { ArrivedFrames } from './arrived-frames';

export interface ReceivedData extends DataMessage {
  /** Bytes of the whole message. */
  readonly frameBytes: number;
  /** `bytes` are not looked at any more: their place is used again. */
  release(): void;
}

export interface OwnerOptions {
  readonly url: string;
  readonly token: string;
  readonly signal?: AbortSignal;
  readonly heartbeatMs?: number;
}

export class OwnerConnection implements AsyncDisposable {
  private ended: CloseInfo | undefined;
  private nextTransfer = 0;

  private constructor(
    readonly url: string,
    private readonly socket: Socket,
    private readonly arrived: ArrivedFrames,
    private readonly signal: AbortSignal | undefined,
  ) {
    arrived.onTooMuch = () =>
      this.end({ ...CLOSE.GOING_AWAY, reason: 'it sends more than it has credit for' });
    // Over TLS all messages come here; else those that came in fragments do.
    socket.frames$.subscribe((frame) => arrived.push(frame));
    void socket.closed.then((why) => this.end(why));
    signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  /** Throws TRANSPORT_UNREACHABLE, TRANSPORT_REFUSED, TRANSPORT_CANCELLED. */
  static async open(options: OwnerOptions): Promise<OwnerConnection> {
    const { url, token, signal, heartbeatMs } = options;
    const arrived = new ArrivedFrames();
    const tap = {
      take: (bytes: number) => arrived.take(bytes),
      onFrame: (frame: Uint8Array) => arrived.push(frame),
    };
    return dial(
      { url, token, signal, heartbeatMs, maxFrameBytes: PROTOCOL_LIMITS.maxFrameBytes, tap },
      (socket) => new OwnerConnection(url, socket, arrived, signal),
    );
  }

  /** A number for the next transfer. */
  newTransfer(): number {
    return this.nextTransfer++;
  }

  async send(header: DataHeader): Promise<void> {
    await this.socket.send(encodeData(header));
  }

  /** The next message of a transfer; those of older ones are skipped. Throws TRANSPORT_DISCONNECTED, TRANSPORT_REFUSED, TRANSPORT_CANCELLED, PROTOCOL_*. */
  async next(transfer: number): Promise<ReceivedData> {
    for (;;) {
      const frame = await this.nextFrame();
      const { header, bytes } = decodeData(frame);
      const release = (): void => this.arrived.give(frame);
      if (header.transfer === transfer) return { header, bytes, frameBytes: frame.byteLength, release };
      release();
    }
  }

  async close(): Promise<void> {
    this.signal?.removeEventListener('abort', this.onAbort);
    this.socket.close(CLOSE.NORMAL);
    await this.socket.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async nextFrame(): Promise<Uint8Array> {
    for (;;) {
      if (this.signal?.aborted)
        throw transportError('TRANSPORT_CANCELLED', { what: `pulling from ${this.url}` });
      const frame = this.arrived.shift();
      if (frame) return frame;
      if (this.ended !== undefined) throw lostError(this.url, this.ended);
      await this.arrived.changed();
    }
  }

  private readonly onAbort = (): void =>
    this.end({ ...CLOSE.GOING_AWAY, reason: errorMessage(this.signal?.reason ?? 'cancelled') });

  private end(why: CloseInfo): void {
    this.ended ??= why;
    this.socket.close(CLOSE.GOING_AWAY);
    this.arrived.notify();
  }
}
