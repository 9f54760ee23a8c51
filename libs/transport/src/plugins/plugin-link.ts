/**
 * One connection between a plugin's process and its host, as either end sees it: control messages, calls and answers with tensors, credit
 * in both directions. Whoever breaks the protocol is cut off.
 */
import { errorMessage } from '@espalier/base';
import {
  decodeMessage,
  decodePluginData,
  encodeMessage,
  message,
  PLUGIN_KINDS,
  PROTOCOL_LIMITS,
  protocolError,
  type Message,
  type MessageBody,
} from '@espalier/protocol';
import { CLOSE, type CloseInfo } from '../close-codes';
import type { Socket } from '../socket';
import { IncomingData, type PluginDataHeader } from './incoming-data';
import { gatheredBytes, OutgoingData } from './outgoing-data';

export type PluginKind = (typeof PLUGIN_KINDS)[number];
export type PluginMessage = Message<PluginKind>;
/** A header without what follows from the tensors' bytes. */
export type PluginData =
  | Omit<Extract<PluginDataHeader, { kind: 'plugin.call' }>, 'total'>
  | Omit<Extract<PluginDataHeader, { kind: 'plugin.answer' }>, 'total'>;

/** First byte of a data message, a msgpack array of two; a control message is a map. */
const DATA = 0x92;
/** Received bytes that are not yet granted anew: half a window, so that the sender need not stop and few messages are needed. */
const CREDIT_STEP_BYTES = PROTOCOL_LIMITS.windowBytes / 2;

export interface PluginLinkOptions {
  /** Envelopes' `from` of this end. */
  readonly from: string;
  /** What this end receives: the host answers, the plugin calls. */
  readonly receives: PluginDataHeader['kind'];
  maxBytes(header: PluginDataHeader): number;
  onData(header: PluginDataHeader, bytes: Uint8Array): void;
  /** But for pings and credit. */
  onMessage(message: PluginMessage): void;
  /** The other end broke the protocol: it is being cut off. */
  onBreach?(error: Error): void;
}

export class PluginLink {
  readonly closed: Promise<CloseInfo>;
  private readonly incoming: IncomingData;
  private readonly outgoing: OutgoingData;
  private ungranted = 0;
  private broken = false;

  /** Make it in the turn in which the socket opened. */
  constructor(
    private readonly socket: Socket,
    private readonly options: PluginLinkOptions,
  ) {
    this.closed = socket.closed;
    this.outgoing = new OutgoingData(socket);
    this.incoming = new IncomingData({
      kind: options.receives,
      maxBytes: (header) => options.maxBytes(header),
      onWhole: (header, bytes) => options.onData(header, bytes),
    });
    socket.frames$.subscribe((frame) => this.receive(frame));
  }

  /** Throws PROTOCOL_BODY, PROTOCOL_TOO_LARGE. A peer that does not read is cut off. */
  send<Kind extends PluginKind>(kind: Kind, body: MessageBody<Kind>): void {
    if (this.socket.queuedBytes > PROTOCOL_LIMITS.maxQueuedBytes + PROTOCOL_LIMITS.windowBytes) {
      return this.close(CLOSE.TOO_SLOW);
    }
    const bytes = encodeMessage(message(kind, body, { from: this.options.from }) as Message);
    this.socket.send(bytes).catch(() => undefined);
  }

  /** Sends a call or an answer with the bytes of its tensors, which must stay as they are until it is over. Throws PROTOCOL_BODY. */
  sendData(header: PluginData, pieces: readonly Uint8Array[]): void {
    this.outgoing.push({ ...header, total: gatheredBytes(pieces) } as PluginDataHeader, pieces);
  }

  /** Takes back a call that has not begun to leave; false when it has. */
  withdraw(call: number): boolean {
    return this.outgoing.withdraw(call);
  }

  close(why: CloseInfo = CLOSE.NORMAL): void {
    this.socket.close(why);
  }

  /** Cuts the other end off for what it did. */
  breach(error: Error, why: CloseInfo = CLOSE.BAD_MESSAGE): void {
    if (this.broken) return;
    this.broken = true;
    this.close({ ...why, reason: errorMessage(error).slice(0, 100) });
    this.options.onBreach?.(error);
  }

  /** A message that came past the socket; its bytes are not kept where they are more than `MAX_KEPT_BYTES`. */
  receive(frame: Uint8Array): void {
    // What a peer sends after it was cut off is not looked at.
    if (this.broken) return;
    try {
      if (frame[0] === DATA) this.receiveData(frame);
      else this.receiveMessage(decodeMessage(frame));
    } catch (error) {
      this.breach(error as Error);
    }
  }

  private receiveData(frame: Uint8Array): void {
    const data = decodePluginData(frame);
    this.ungranted += data.bytes.byteLength;
    if (this.ungranted > PROTOCOL_LIMITS.windowBytes) {
      const limit = PROTOCOL_LIMITS.windowBytes;
      throw protocolError('PROTOCOL_TOO_LARGE', {
        what: 'sequence without credit',
        actual: this.ungranted,
        limit,
      });
    }
    this.incoming.take(data);
    if (this.ungranted < CREDIT_STEP_BYTES) return;
    this.send('plugin.credit', { bytes: this.ungranted });
    this.ungranted = 0;
  }

  private receiveMessage(received: Message): void {
    if (!isPluginMessage(received)) throw protocolError('PROTOCOL_KIND', { kind: received.kind });
    switch (received.kind) {
      case 'plugin.credit':
        return this.outgoing.grant(received.body.bytes);
      case 'ping':
        return this.send('pong', { re: received.id });
      default:
        return this.options.onMessage(received);
    }
  }
}

function isPluginMessage(received: Message): received is PluginMessage {
  return (PLUGIN_KINDS as readonly string[]).includes(received.kind);
}
