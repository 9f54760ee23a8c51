/**
 * The bus over this lib's WebSocket hub: connects, says hello, and when the connection goes, connects again with growing
 * pauses and says hello again. What is sent meanwhile waits (conflated, bounded); requests fail and may be repeated.
 */
import { EspalierError, errorCode, silentLogger, type Logger } from '@espalier/base';
import {
  message,
  PROTOCOL_LIMITS,
  PROTOCOL_VERSION,
  type AnswerKinds,
  type HelloBody,
  type Message,
  type RequestKind,
  type WelcomeBody,
} from '@espalier/protocol';
import { BehaviorSubject, type Observable } from 'rxjs';
import { setTimeout as pause } from 'node:timers/promises';
import { answerKind } from './answer-kind';
import type { Bus, BusState, RequestOptions } from './bus';
import { Channel } from './channel';
import { CLOSE, isFinal, isRefusal, type CloseInfo } from './close-codes';
import { dial } from './dial';
import { transportError } from './errors';
import { Inbox } from './inbox';
import { lostError } from './lost-error';
import { seriesOf } from './send-queue';

export interface ReconnectOptions {
  /** First pause; each next one is twice as long, up to `maxMs`, and each is shortened by up to half at random. */
  readonly initialMs: number;
  readonly maxMs: number;
  /** How long `connectBus` itself tries before it throws. */
  readonly firstTimeoutMs: number;
}

/** How long a connection that failed may take to say why. */
const WHY_MS = 1_000;
const RECONNECT: ReconnectOptions = { initialMs: 100, maxMs: 3_000, firstTimeoutMs: 15_000 };

export interface BusOptions {
  /** `ws://host:port/hub`. */
  readonly url: string;
  readonly token: string;
  /** Who we are; asked anew at each connection. */
  readonly hello: Omit<HelloBody, 'protocols'> | (() => Omit<HelloBody, 'protocols'>);
  /** False: the bus closes when the connection goes. */
  readonly reconnect?: Partial<ReconnectOptions> | false;
  readonly heartbeatMs?: number;
  readonly logger?: Logger;
  /** Ends the first connecting; afterwards use `close`. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves after the hub's `welcome`. Throws TRANSPORT_UNREACHABLE when nothing answers in time, TRANSPORT_REFUSED for a
 * bad token, the hub's code when it refuses the hello.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const bus = new BusClient(options);
  await bus.start();
  return bus;
}

class BusClient implements Bus {
  readonly messages$: Observable<Message>;
  readonly state$: Observable<BusState>;
  readonly closed: Promise<CloseInfo>;
  private readonly states = new BehaviorSubject<BusState>('connecting');
  private readonly inbox = new Inbox(() => this.channel?.close(CLOSE.TOO_SLOW));
  private readonly waiting = new Map<string | number, Message>();
  private readonly stop = new AbortController();
  private readonly logger: Logger;
  private readonly timing: ReconnectOptions;
  private nextKey = 0;
  private channel: Channel | undefined;
  private lastWelcome: WelcomeBody | undefined;
  private resolveClosed!: (why: CloseInfo) => void;

  constructor(private readonly options: BusOptions) {
    this.messages$ = this.inbox.messages$;
    this.state$ = this.states.asObservable();
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
    this.logger = options.logger ?? silentLogger;
    this.timing = { ...RECONNECT, ...(options.reconnect || {}) };
  }

  get state(): BusState {
    return this.states.value;
  }

  get welcome(): WelcomeBody {
    if (!this.lastWelcome) throw transportError('TRANSPORT_DISCONNECTED', this.down('not connected yet'));
    return this.lastWelcome;
  }

  /** The first connection: the hub may not be up yet, so it is tried for a while. */
  async start(): Promise<void> {
    const deadline = performance.now() + this.timing.firstTimeoutMs;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.connectOnce(this.options.signal);
      } catch (error) {
        const mayCome = errorCode(error) === 'TRANSPORT_UNREACHABLE' && this.options.reconnect !== false;
        const pauseMs = this.pauseMs(attempt);
        if (!mayCome || performance.now() + pauseMs > deadline) {
          this.finish(CLOSE.GOING_AWAY);
          throw error;
        }
        await pause(pauseMs);
      }
    }
  }

  send(value: Message): void {
    if (this.state === 'closed') throw transportError('TRANSPORT_CLOSED', { peer: this.options.url });
    if (this.channel) return this.channel.send(value);
    const key = seriesOf(value) ?? this.nextKey++;
    const limit = PROTOCOL_LIMITS.maxQueuedMessages;
    if (this.waiting.size >= limit && !this.waiting.has(key)) {
      throw transportError('TRANSPORT_QUEUE_FULL', { limit, peer: this.options.url });
    }
    this.waiting.set(key, value);
  }

  async request<Kind extends RequestKind>(
    value: Message<Kind>,
    options?: RequestOptions,
  ): Promise<Message<AnswerKinds[Kind]>> {
    if (this.state === 'closed') throw transportError('TRANSPORT_CLOSED', { peer: this.options.url });
    if (!this.channel) throw transportError('TRANSPORT_DISCONNECTED', this.down(this.state));
    return this.channel.request(value, answerKind(value.kind as Kind), options);
  }

  async whenConnected(signal?: AbortSignal): Promise<void> {
    if (this.state === 'connected') return;
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void =>
        settle(() => reject(transportError('TRANSPORT_CANCELLED', { what: 'waiting for the hub' })));
      const subscription = this.states.subscribe((state) => {
        if (state === 'connected') settle(resolve);
        if (state === 'closed') {
          settle(() => reject(transportError('TRANSPORT_CLOSED', { peer: this.options.url })));
        }
      });
      const settle = (then: () => void): void => {
        queueMicrotask(() => subscription.unsubscribe());
        signal?.removeEventListener('abort', onAbort);
        then();
      };
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  async close(): Promise<void> {
    const channel = this.channel;
    this.finish(CLOSE.NORMAL);
    channel?.close(CLOSE.NORMAL);
    await channel?.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async connectOnce(signal?: AbortSignal): Promise<void> {
    const { url, token, heartbeatMs } = this.options;
    const hello = typeof this.options.hello === 'function' ? this.options.hello() : this.options.hello;
    const channel = await dial(
      { url, token, heartbeatMs, signal, maxFrameBytes: PROTOCOL_LIMITS.maxControlBytes },
      (socket) =>
        new Channel(socket, {
          name: hello.service,
          peer: url,
          logger: this.logger,
          onMessage: (received) => this.inbox.deliver(received),
        }),
    );
    try {
      const greeting = message('hello', { ...hello, protocols: [PROTOCOL_VERSION] }, { from: hello.service });
      const timeoutMs = PROTOCOL_LIMITS.handshakeTimeoutMs;
      const { body } = await channel.request(greeting, 'welcome', { timeoutMs, signal });
      if (this.state === 'closed') throw transportError('TRANSPORT_CLOSED', { peer: url });
      this.lastWelcome = body;
    } catch (error) {
      channel.close(CLOSE.GOING_AWAY);
      // A door that is shut at once says why by how it is closed.
      const why = await Promise.race([channel.closed, pause(WHY_MS, undefined, { ref: false })]);
      throw why && isRefusal(why) ? lostError(url, why) : error;
    }
    this.channel = channel;
    void channel.closed.then((why) => this.onLost(channel, why));
    // Whoever listens announces itself first; what waited comes after.
    this.states.next('connected');
    for (const [key, value] of [...this.waiting]) {
      this.waiting.delete(key);
      channel.send(value);
    }
  }

  private onLost(channel: Channel, why: CloseInfo): void {
    if (this.channel !== channel) return;
    this.channel = undefined;
    if (this.state === 'closed') return;
    this.logger.warn('the hub is gone', { url: this.options.url, reason: why.reason });
    if (isFinal(why) || this.options.reconnect === false) return this.finish(why);
    this.states.next('reconnecting');
    void this.reconnect();
  }

  private async reconnect(): Promise<void> {
    for (let attempt = 0; !this.isClosed(); attempt++) {
      try {
        await pause(this.pauseMs(attempt), undefined, { signal: this.stop.signal });
        return await this.connectOnce(this.stop.signal);
      } catch (error) {
        if (this.isClosed()) return;
        const isRetryable = error instanceof EspalierError ? error.retryable : true;
        this.logger.debug('the hub is not back yet', { url: this.options.url, code: errorCode(error) });
        if (!isRetryable) return this.finish(CLOSE.UNAUTHORIZED);
      }
    }
  }

  private isClosed(): boolean {
    return this.states.value === 'closed';
  }

  private finish(why: CloseInfo): void {
    if (this.state === 'closed') return;
    this.channel = undefined;
    this.waiting.clear();
    this.states.next('closed');
    this.states.complete();
    this.inbox.end();
    this.stop.abort();
    this.resolveClosed(why);
  }

  private pauseMs(attempt: number): number {
    const { initialMs, maxMs } = this.timing;
    return Math.min(maxMs, initialMs * 2 ** Math.min(attempt, 20)) * (1 - Math.random() / 2);
  }

  private down(reason: string): { peer: string; reason: string } {
    return { peer: this.options.url, reason };
  }
}
