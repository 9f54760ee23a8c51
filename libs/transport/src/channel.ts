/**
 * Control messages over one socket: decoding, requests and their answers, pings, the bounded send queue. Both ends of the
 * bus are made of it. A message that breaks the protocol cuts the connection.
 */
import { EspalierError, errorMessage, type Logger } from '@espalier/base';
import {
  answers,
  decodeMessage,
  encodeMessage,
  message,
  PROTOCOL_LIMITS,
  type AnswerKinds,
  type Message,
  type RequestKind,
} from '@espalier/protocol';
import type { RequestOptions } from './bus';
import { CLOSE, type CloseInfo } from './close-codes';
import { transportError } from './errors';
import { lostError } from './lost-error';
import { SendQueue, seriesOf } from './send-queue';
import type { Socket } from './socket';

const DEFAULT_TIMEOUT_MS = 10_000;

interface Pending {
  settle(answer: Message): void;
  fail(error: Error): void;
}

export interface ChannelOptions {
  /** Name of this end, for the envelopes of its pongs. */
  readonly name: string;
  /** Name of the other end, for errors. */
  readonly peer: string;
  readonly logger: Logger;
  /** Everything but answers and pings. */
  onMessage(message: Message): void;
}

export class Channel {
  readonly closed: Promise<CloseInfo>;
  private readonly pending = new Map<string, Pending>();
  private readonly queue: SendQueue;

  constructor(
    private readonly socket: Socket,
    private readonly options: ChannelOptions,
  ) {
    this.queue = new SendQueue(socket, {
      maxBytes: PROTOCOL_LIMITS.maxQueuedBytes,
      onOverflow: () => this.close(CLOSE.TOO_SLOW),
    });
    socket.frames$.subscribe((frame) => this.receive(frame));
    this.closed = socket.closed.then((why) => {
      this.failAll(why);
      return why;
    });
  }

  send(value: Message): void {
    this.queue.push(encodeMessage(value), seriesOf(value));
  }

  async request<Kind extends RequestKind>(
    value: Message<Kind>,
    expected: AnswerKinds[Kind],
    options: RequestOptions = {},
  ): Promise<Message<AnswerKinds[Kind]>> {
    const { peer } = this.options;
    const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    if (!this.socket.isOpen)
      throw transportError('TRANSPORT_DISCONNECTED', { peer, reason: 'not connected' });
    if (signal?.aborted) throw transportError('TRANSPORT_CANCELLED', { what: `"${value.kind}" to ${peer}` });
    const bytes = encodeMessage(value as Message);
    let forget = (): void => undefined;
    try {
      return await new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(transportError('TRANSPORT_TIMEOUT', { peer, kind: value.kind, timeoutMs })),
          timeoutMs,
        );
        const onAbort = (): void =>
          reject(transportError('TRANSPORT_CANCELLED', { what: `"${value.kind}" to ${peer}` }));
        signal?.addEventListener('abort', onAbort, { once: true });
        forget = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          this.pending.delete(value.id);
        };
        this.pending.set(value.id, {
          settle: (answer) => {
            if (answer.kind === expected) resolve(answer as Message<AnswerKinds[Kind]>);
            else if (answer.kind === 'refuse') reject(refusal(peer, value.kind, answer));
            else {
              const details = { peer, kind: value.kind, actual: answer.kind, expected };
              reject(transportError('TRANSPORT_ANSWER_KIND', details));
            }
          },
          fail: reject,
        });
        this.queue.push(bytes);
      });
    } finally {
      forget();
    }
  }

  close(why: CloseInfo): void {
    this.socket.close(why);
  }

  private receive(frame: Uint8Array): void {
    let received: Message;
    try {
      received = decodeMessage(frame);
    } catch (error) {
      this.options.logger.warn('a bad message cuts the connection', {
        peer: this.options.peer,
        error: errorMessage(error),
      });
      this.close({ ...CLOSE.BAD_MESSAGE, reason: errorMessage(error).slice(0, 100) });
      return;
    }
    if (received.kind === 'ping') {
      return this.send(message('pong', { re: received.id }, { from: this.options.name }));
    }
    const re = answers(received);
    const waiting = re === undefined ? undefined : this.pending.get(re);
    if (waiting) return waiting.settle(received);
    // An answer that nobody waits for any more came too late.
    if (re === undefined) this.options.onMessage(received);
  }

  private failAll(why: CloseInfo): void {
    for (const { fail } of this.pending.values()) {
      fail(lostError(this.options.peer, why));
    }
    this.pending.clear();
  }
}

/** The other end's refusal as an error with its own code. */
function refusal(peer: string, kind: string, { body }: Message<'refuse'>): Error {
  return new EspalierError(
    body.code,
    { message: `${peer} refused "${kind}": {reason}`, retryable: body.retryable },
    { reason: body.message },
  );
}
