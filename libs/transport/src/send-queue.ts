/**
 * What waits for a peer that reads slowly. Order is kept; a message of a series takes the place of the one of the same
 * series that still waits. Bounded: beyond `maxBytes` the owner is told, and cuts the connection.
 */
import type { Message } from '@espalier/protocol';
import type { Socket } from './socket';

/** Above this the socket counts as backed up: some hundred control messages. */
const HIGH_WATER_BYTES = 256 * 1024;

export interface SendQueueOptions {
  readonly maxBytes: number;
  /** Too much waits; nothing more is taken. */
  onOverflow(): void;
}

export class SendQueue {
  private readonly waiting = new Map<string | number, Uint8Array>();
  private waitingBytes = 0;
  private next = 0;
  private inFlight = 0;
  private draining = false;

  constructor(
    private readonly socket: Socket,
    private readonly options: SendQueueOptions,
  ) {}

  push(bytes: Uint8Array, series?: string): void {
    if (this.waiting.size === 0 && this.socket.queuedBytes < HIGH_WATER_BYTES) {
      void this.sendNow(bytes);
      return;
    }
    const key = series ?? this.next++;
    this.waitingBytes += bytes.byteLength - (this.waiting.get(key)?.byteLength ?? 0);
    this.waiting.set(key, bytes);
    if (this.waitingBytes > this.options.maxBytes) {
      this.waiting.clear();
      this.waitingBytes = 0;
      this.options.onOverflow();
    } else if (this.inFlight === 0) void this.drain();
  }

  private async sendNow(bytes: Uint8Array): Promise<void> {
    this.inFlight++;
    try {
      await this.socket.send(bytes);
    } catch {
      // The connection is down; its owner learns it from `closed`, and drops this queue.
      return;
    } finally {
      this.inFlight--;
    }
    if (this.waiting.size > 0) await this.drain();
  }

  private async drain(): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    try {
      while (this.waiting.size > 0) {
        const [key, bytes] = this.waiting.entries().next().value as [string | number, Uint8Array];
        this.waiting.delete(key);
        this.waitingBytes -= bytes.byteLength;
        await this.socket.send(bytes);
      }
    } catch {
      // As in sendNow.
    } finally {
      this.draining = false;
    }
  }
}

/** Messages of one series replace each other while they wait; undefined: each one counts. */
export function seriesOf(message: Message): string | undefined {
  switch (message.kind) {
    case 'event':
      return message.body.durable === false
        ? `event ${message.run} ${message.body.series ?? message.body.type}`
        : undefined;
    case 'lease.renew':
      return `renew ${message.body.leaseId}`;
    case 'ping':
      return 'ping';
    default:
      return undefined;
  }
}
