/** The receiver's end of one connection to an owner: frames in order, each handled before the next is looked at. */
import { errorMessage } from '@espalier/base';
import {
  decodeData,
  encodeData,
  PROTOCOL_LIMITS,
  type DataHeader,
  type DataMessage,
} from '@espalier/protocol';
import { CLOSE } from '../close-codes';
import { dial } from '../dial';
import { transportError } from '../errors';
import type { Socket } from '../socket';

export interface ReceivedData extends DataMessage {
  /** Bytes of the whole message. */
  readonly frameBytes: number;
}

export interface OwnerOptions {
  readonly url: string;
  readonly token: string;
  readonly signal?: AbortSignal;
  readonly heartbeatMs?: number;
}

export class OwnerConnection implements AsyncDisposable {
  private readonly arrived: Uint8Array[] = [];
  private arrivedBytes = 0;
  private wake: () => void = () => undefined;
  private ended: string | undefined;
  private nextTransfer = 0;

  private constructor(
    readonly url: string,
    private readonly socket: Socket,
    private readonly signal: AbortSignal | undefined,
  ) {
    socket.frames$.subscribe((frame) => {
      this.arrived.push(frame);
      this.arrivedBytes += frame.byteLength;
      // Credit bounds what an honest owner sends ahead; headers are small beside the window.
      if (this.arrivedBytes > 2 * PROTOCOL_LIMITS.windowBytes)
        this.end('it sends more than it has credit for');
      this.wake();
    });
    void socket.closed.then(({ reason }) => this.end(reason));
    signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  /** Throws TRANSPORT_UNREACHABLE, TRANSPORT_REFUSED, TRANSPORT_CANCELLED. */
  static async open(options: OwnerOptions): Promise<OwnerConnection> {
    const { url, token, signal, heartbeatMs } = options;
    return dial(
      { url, token, signal, heartbeatMs, maxFrameBytes: PROTOCOL_LIMITS.maxFrameBytes },
      (socket) => new OwnerConnection(url, socket, signal),
    );
  }

  /** A number for the next transfer. */
  newTransfer(): number {
    return this.nextTransfer++;
  }

  async send(header: DataHeader): Promise<void> {
    await this.socket.send(encodeData(header));
  }

  /** The next message of a transfer; those of older ones are skipped. Throws TRANSPORT_DISCONNECTED, TRANSPORT_CANCELLED, PROTOCOL_*. */
  async next(transfer: number): Promise<ReceivedData> {
    for (;;) {
      const frame = await this.nextFrame();
      const data = decodeData(frame);
      if (data.header.transfer === transfer) return { ...data, frameBytes: frame.byteLength };
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
      if (frame) {
        this.arrivedBytes -= frame.byteLength;
        return frame;
      }
      if (this.ended !== undefined) {
        throw transportError('TRANSPORT_DISCONNECTED', { peer: this.url, reason: this.ended });
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private readonly onAbort = (): void => this.end(errorMessage(this.signal?.reason ?? 'cancelled'));

  private end(reason: string): void {
    this.ended ??= reason;
    this.socket.close(CLOSE.GOING_AWAY);
    this.wake();
  }
}
