/**
 * One connection of one plugin: its hello, the calls that are under way, what its observers publish. Everything that arrives is checked
 * against what was asked; the first breach ends the session. Where it runs, and what comes after, is its owner's affair.
 */
import { errorCode, errorMessage, type Clock } from '@espalier/base';
import { type Observation, type ObservedEvent, type PluginManifest } from '@espalier/plugin-api';
import {
  PROTOCOL_LIMITS,
  PROTOCOL_VERSION,
  pluginSender,
  type PluginHeader,
  type PluginHelloBody,
} from '@espalier/protocol';
import {
  CLOSE,
  type PluginConnection,
  type PluginDataHeader,
  type PluginLink,
  type PluginMessage,
} from '@espalier/transport';
import { Observable, type Subscriber } from 'rxjs';
import { pluginHostError } from '../errors';
import type { PluginLimits } from '../limits';
import { KIND_OF_METHOD, type AnswerOf, type Invocation, type Method, type ObserveOptions } from '../methods';
import { answerFromWire, callToWire, maxAnswerBytes } from '../wire/calls';
import { Rate } from './rate';

export interface SessionOptions {
  readonly connection: PluginConnection;
  /** Until it has said its name. */
  readonly expectedName: string;
  readonly hostVersion: string;
  readonly limits: PluginLimits;
  readonly clock: Clock;
}

interface Pending {
  readonly maxBytes: number;
  readonly kind: string;
  readonly name: string;
  answer(header: PluginHeader<'plugin.answer'>, bytes: Uint8Array): void;
  fail(error: Error): void;
  /** Of an observer. */
  readonly publish?: (observations: readonly Observation[]) => void;
}

/** The envelope's `from` of the host. */
const HOST_SENDER = 'host';
/** What a plugin that ran out of memory or files says in its own words. */
const OUT_OF_MEMORY = /allocation failed|out of memory|MemoryError|bad_alloc|Cannot allocate memory/i;
const OUT_OF_FILES = /EMFILE|ENFILE|Too many open files/i;

export class PluginSession {
  /** What the plugin says of itself; rejects with why the session ended before. */
  readonly hello: Promise<PluginManifest>;
  /** Why it ended; resolves, never rejects. */
  readonly ended: Promise<Error>;
  private readonly link: PluginLink;
  private readonly pending = new Map<number, Pending>();
  private readonly rate: Rate;
  private nextCall = 0;
  private name: string;
  private helloId: string | undefined;
  private why: Error | undefined;
  private settleHello!: { resolve(manifest: PluginManifest): void; reject(error: Error): void };
  private settleEnded!: (error: Error) => void;

  /** In the turn in which the connection came. */
  constructor(private readonly options: SessionOptions) {
    this.name = options.expectedName;
    this.rate = new Rate(options.limits.messagesPerSecond, options.clock);
    this.hello = new Promise((resolve, reject) => (this.settleHello = { resolve, reject }));
    // Who waits for it is told; where nobody does, `ended` says why.
    this.hello.catch(() => undefined);
    this.ended = new Promise((resolve) => (this.settleEnded = resolve));
    this.link = options.connection.open({
      from: HOST_SENDER,
      receives: 'plugin.answer',
      maxBytes: (header) => this.roomFor(header),
      onData: (header, bytes) => this.answered(header as PluginHeader<'plugin.answer'>, bytes),
      onMessage: (received) => this.hear(received),
      onBreach: (error) => this.end(this.breach(error)),
    });
    void this.link.closed.then((why) =>
      this.end(pluginHostError('PLUGIN_CRASHED', { plugin: this.name, how: why.reason, words: 'nothing' })),
    );
  }

  get isOpen(): boolean {
    return this.why === undefined;
  }

  get callsUnderWay(): number {
    return this.pending.size;
  }

  /** After its hello: calls may come. */
  admit(): void {
    this.link.send('plugin.admitted', {
      re: this.helloId as string,
      protocol: PROTOCOL_VERSION,
      host: this.options.hostVersion,
      windowBytes: PROTOCOL_LIMITS.windowBytes,
      maxAnswerBytes: this.options.limits.maxAnswerBytes,
    });
  }

  /** Tells the plugin why it is not let in, and ends. */
  refuse(error: Error): void {
    if (this.helloId !== undefined && this.isOpen) {
      this.link.send('refuse', {
        re: this.helloId,
        code: errorCode(error) ?? 'PLUGIN_BREACH',
        message: errorMessage(error).slice(0, 4_000),
        retryable: false,
      });
    }
    this.end(error);
  }

  /** Asks it to go; it has nothing under way. */
  leave(): void {
    if (!this.isOpen) return;
    this.link.send('plugin.leave', { reason: 'done' });
  }

  /** All that is under way fails with `error`. */
  end(error: Error): void {
    if (this.why !== undefined) return;
    this.why = error;
    this.settleHello.reject(error);
    this.settleEnded(error);
    this.link.close(CLOSE.NORMAL);
    for (const { fail } of [...this.pending.values()]) fail(error);
    this.pending.clear();
  }

  /** One call. Rejects with PLUGIN_TIMEOUT, PLUGIN_THREW, or why the session ended. */
  call<M extends Method>(
    invocation: Invocation<M>,
    { timeoutMs, check }: { readonly timeoutMs: number; readonly check: (answer: unknown) => AnswerOf<M> },
  ): Promise<AnswerOf<M>> {
    if (this.why) return Promise.reject(this.why);
    const { method, name } = invocation as Invocation;
    const kind = KIND_OF_METHOD[method];
    return new Promise((resolve, reject) => {
      const call = this.takeNumber();
      const timer = setTimeout(
        () => this.late(call, { kind, name, timeoutMs: this.options.limits.callTimeoutMs }),
        timeoutMs,
      );
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.pending.delete(call);
        then();
      };
      this.pending.set(call, {
        kind,
        name,
        maxBytes: Math.min(maxAnswerBytes(invocation as Invocation), this.options.limits.maxAnswerBytes),
        answer: (header, bytes) =>
          settle(() => {
            try {
              resolve(check(answerFromWire(invocation.method, header, bytes)));
            } catch (error) {
              reject(
                errorCode(error)?.startsWith('PLUGIN_')
                  ? error
                  : this.shapeError({ kind, name }, errorMessage(error)),
              );
            }
          }),
        fail: (error) => settle(() => reject(error)),
      });
      const { header, pieces } = callToWire(call, invocation as Invocation);
      this.link.sendData(header, pieces);
    });
  }

  /** An observer, fed as long as `events$` goes on; unsubscribing ends it. */
  observe(
    name: string,
    events$: Observable<ObservedEvent>,
    { run, folder, options }: ObserveOptions,
  ): Observable<Observation> {
    return new Observable((subscriber) => {
      if (this.why) return subscriber.error(this.why);
      const call = this.takeNumber();
      this.pending.set(call, this.observing(call, name, subscriber));
      this.link.sendData(
        {
          kind: 'plugin.call',
          call,
          contribution: 'observer',
          name,
          method: 'observe',
          input: { run, folder },
          options: options as { readonly [key: string]: string | number | boolean },
          tensors: [],
        },
        [],
      );
      const tell = (events: readonly ObservedEvent[], end: boolean): void => {
        if (!this.isOpen || !this.pending.has(call)) return;
        const send = (told: readonly ObservedEvent[]): void =>
          this.link.send('plugin.event', { call, events: [...told], ...(end && { end }) });
        try {
          send(events);
        } catch (error) {
          // Of what does not fit into a message an observer hears that it was, and no more.
          if (errorCode(error) !== 'PROTOCOL_TOO_LARGE') return subscriber.error(error);
          send(events.map((event) => ({ ...event, fields: {} })));
        }
      };
      const subscription = events$.subscribe({
        next: (event) => tell([event], false),
        error: (error: unknown) => subscriber.error(error),
        complete: () => tell([], true),
      });
      return () => {
        subscription.unsubscribe();
        tell([], true);
        // It may still say something; nobody listens.
      };
    });
  }

  private observing(call: number, name: string, subscriber: Subscriber<Observation>): Pending {
    const done = (then: () => void): void => {
      this.pending.delete(call);
      then();
    };
    return {
      kind: 'observer',
      name,
      maxBytes: 0,
      answer: () => done(() => subscriber.complete()),
      fail: (error) => done(() => subscriber.error(error)),
      publish: (observations) => observations.forEach((observation) => subscriber.next(observation)),
    };
  }

  private takeNumber(): number {
    const call = this.nextCall;
    this.nextCall = (this.nextCall + 1) >>> 0;
    return call;
  }

  /** Before anything is allocated: whose answer is it, and may it be so long? */
  private roomFor(header: PluginDataHeader): number {
    const waiting = this.pending.get(header.call);
    if (!waiting) throw this.unknownCall(header.call);
    if (header.total > waiting.maxBytes) {
      throw this.shapeError(waiting, `${header.total} bytes`, `at most ${waiting.maxBytes}`);
    }
    return waiting.maxBytes;
  }

  private answered(header: PluginHeader<'plugin.answer'>, bytes: Uint8Array): void {
    this.pending.get(header.call)?.answer(header, bytes);
  }

  private hear(received: PluginMessage): void {
    if (this.helloId === undefined) {
      if (received.kind === 'plugin.hello') return this.greet(received.id, received.from, received.body);
      return this.link.breach(new Error(`"${received.kind}" came before plugin.hello`));
    }
    if (received.from !== pluginSender(this.name)) return this.link.breach(this.forged(received.from));
    switch (received.kind) {
      case 'plugin.error': {
        const waiting = this.pending.get(received.body.call);
        if (!waiting) return this.link.breach(this.unknownCall(received.body.call));
        return waiting.fail(this.thrown(waiting, received.body.message));
      }
      case 'plugin.publish': {
        const { call, name, observations } = received.body;
        if (!this.rate.take()) return this.link.breach(this.flood(), CLOSE.TOO_SLOW);
        const waiting = this.pending.get(call);
        // An observer that was ended may not know it yet.
        if (!waiting) return;
        if (waiting.name !== name || !waiting.publish) return this.link.breach(this.forged(name));
        return waiting.publish(observations as unknown as readonly Observation[]);
      }
      case 'plugin.leave':
        return this.end(
          pluginHostError('PLUGIN_CRASHED', {
            plugin: this.name,
            how: 'it left',
            words: received.body.reason,
          }),
        );
      default:
        if (!this.rate.take()) return this.link.breach(this.flood(), CLOSE.TOO_SLOW);
        if (received.kind === 'pong') return;
        return this.link.breach(new Error(`a plugin does not send "${received.kind}"`));
    }
  }

  private greet(id: string, from: string, body: PluginHelloBody): void {
    this.helloId = id;
    const { protocols, software: _software, ...manifest } = body;
    if (!protocols.includes(PROTOCOL_VERSION)) {
      return this.refuse(this.protocolError(protocols.join(', ')));
    }
    this.name = body.name;
    if (from !== pluginSender(body.name)) return this.refuse(this.forged(from));
    this.settleHello.resolve(manifest as PluginManifest);
  }

  private late(
    call: number,
    { kind, name, timeoutMs }: { readonly kind: string; readonly name: string; readonly timeoutMs: number },
  ): void {
    const error = pluginHostError('PLUGIN_TIMEOUT', { plugin: this.name, kind, name, timeoutMs });
    this.pending.get(call)?.fail(error);
    // A process that computes hears nothing; the others that wait for it are asked anew.
    this.end(
      pluginHostError('PLUGIN_CRASHED', {
        plugin: this.name,
        how: 'it hung in another call',
        words: 'nothing',
      }),
    );
  }

  private breach(error: Error): Error {
    const code = errorCode(error);
    if (code === 'PROTOCOL_VERSION') return this.protocolError('another version');
    if (code?.startsWith('PLUGIN_')) return error;
    return pluginHostError(
      'PLUGIN_BREACH',
      { plugin: this.name, problem: errorMessage(error) },
      { cause: error },
    );
  }

  private thrown({ kind, name }: Pending, reason: string): Error {
    const { limits } = this.options;
    const plugin = this.name;
    if (OUT_OF_MEMORY.test(reason)) {
      return pluginHostError('PLUGIN_MEMORY', { plugin, limitBytes: limits.memoryBytes });
    }
    if (OUT_OF_FILES.test(reason)) {
      return pluginHostError('PLUGIN_OPEN_FILES', { plugin, limit: limits.maxOpenFiles, reason });
    }
    return pluginHostError('PLUGIN_THREW', { plugin, kind, name, reason });
  }

  private shapeError(
    { kind, name }: Pick<Pending, 'kind' | 'name'>,
    actual: string,
    expected = 'tensors as the method has them',
  ): Error {
    return pluginHostError('PLUGIN_ANSWER_SHAPE', { plugin: this.name, kind, name, actual, expected });
  }

  private unknownCall(call: number): Error {
    return pluginHostError('PLUGIN_UNKNOWN_CALL', { plugin: this.name, call });
  }

  private forged(actual: string): Error {
    return pluginHostError('PLUGIN_FORGED', { plugin: this.name, actual });
  }

  private flood(): Error {
    const limit = this.options.limits.messagesPerSecond;
    return pluginHostError('PLUGIN_FLOOD', { plugin: this.name, limit });
  }

  private protocolError(spoken: string): Error {
    return pluginHostError('PLUGIN_PROTOCOL', { plugin: this.name, spoken, protocol: PROTOCOL_VERSION });
  }
}
