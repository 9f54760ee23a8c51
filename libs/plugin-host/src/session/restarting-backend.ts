/**
 * A plugin behind a socket, over the lives of its process: where one ends in the middle, the next is begun after a pause, and the calls
 * that were not answered are asked once more (they are pure). After too many deaths in a row it is given up.
 */
import { errorCode, errorMessage, type Clock, type Logger } from '@espalier/base';
import type { Observation, ObservedEvent } from '@espalier/plugin-api';
import { setTimeout as pause } from 'node:timers/promises';
import type { Observable } from 'rxjs';
import { pluginHostError } from '../errors';
import type { PluginLimits } from '../limits';
import type { AnswerOf, Backend, Invocation, Method, ObserveOptions } from '../methods';
import type { CallStatistics } from '../statistics';
import { Gate } from './gate';
import type { PluginSession } from './plugin-session';
import { Rate } from './rate';

/** One life: a session that is admitted, and how to end what is behind it. */
export interface Life {
  readonly session: PluginSession;
  /** Why it ended, in the words of who knows best; resolves when nothing of it is left. */
  readonly ended: Promise<Error>;
  end(): Promise<void>;
}

export interface RestartingOptions {
  readonly plugin: string;
  readonly limits: PluginLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly statistics: CallStatistics;
  readonly first: Life;
  /** Begins the next life; rejects when it cannot. */
  begin(): Promise<Life>;
}

/** A life that lasted so long was a good one: what comes next counts anew. */
const HEALTHY_MS = 20_000;
/** Of calls under way. */
const MAX_BYTES_UNDER_WAY = 32 * 1024 * 1024;
const MiB = 1024 * 1024;

/** The process has lost its place by it, or what it says is nonsense: it is ended, and the call is asked once more. */
const ENDS_LIFE: ReadonlySet<string> = new Set([
  'PLUGIN_CRASHED',
  'PLUGIN_MEMORY',
  'PLUGIN_PROCESSES',
  'PLUGIN_OPEN_FILES',
  'PLUGIN_FLOOD',
  'PLUGIN_FORGED',
  'PLUGIN_UNKNOWN_CALL',
  'PLUGIN_BREACH',
  'PLUGIN_ANSWER_SHAPE',
  'PLUGIN_ANSWER_VALUE',
]);

export class RestartingBackend implements Backend {
  private readonly gate: Gate;
  private readonly rate: Rate;
  private current: Life | undefined;
  private next: Promise<Life> | undefined;
  private givenUp: Error | undefined;
  private deaths = 0;
  private closing = false;

  constructor(private readonly options: RestartingOptions) {
    this.gate = new Gate(options.limits.maxCallsInFlight, MAX_BYTES_UNDER_WAY);
    this.rate = new Rate(options.limits.callsPerSecond, options.clock);
    this.live(options.first);
  }

  async invoke<M extends Method>(
    invocation: Invocation<M>,
    check: (answer: unknown) => AnswerOf<M>,
  ): Promise<AnswerOf<M>> {
    const bytes = bytesOf(invocation.input);
    const entered = this.gate.enter(bytes);
    if (entered) await entered;
    try {
      const waitMs = this.rate.bookMs();
      if (waitMs > 0) await pause(waitMs);
      return await this.ask(invocation, { check, bytes });
    } finally {
      this.gate.leave(bytes);
    }
  }

  observe(
    name: string,
    events$: Observable<ObservedEvent>,
    context: ObserveOptions,
  ): Observable<Observation> {
    if (this.givenUp) throw this.givenUp;
    if (!this.current) {
      const how = 'it is being started again';
      throw pluginHostError('PLUGIN_CRASHED', { plugin: this.options.plugin, how, words: 'nothing' });
    }
    return this.current.session.observe(name, events$, context);
  }

  async end(): Promise<void> {
    this.closing = true;
    // One that could not be started again has nothing to end.
    const life = this.current ?? (await this.next?.catch(() => undefined));
    await life?.end();
  }

  private async ask<M extends Method>(
    invocation: Invocation<M>,
    { check, bytes }: { readonly check: (answer: unknown) => AnswerOf<M>; readonly bytes: number },
  ): Promise<AnswerOf<M>> {
    const { limits, clock } = this.options;
    const deadlineMs =
      clock.monotonicMs() + limits.callTimeoutMs + (limits.callTimeoutMsPerMiB * bytes) / MiB;
    /** Why it had no answer the first time; it says more than that there was no time for a second. */
    let first: Error | undefined;
    for (;;) {
      const life = this.current ?? (await this.nextLife(deadlineMs, first));
      try {
        const timeoutMs = Math.max(1, deadlineMs - clock.monotonicMs());
        return await life.session.call(invocation, { check, timeoutMs });
      } catch (error) {
        const code = errorCode(error) ?? '';
        if (!ENDS_LIFE.has(code)) throw code === 'PLUGIN_TIMEOUT' ? (first ?? error) : error;
        // Nonsense came from a process that still lives.
        life.session.end(error as Error);
        if (this.current === life) this.current = undefined;
        // What is left of it may take longer to die than the call may take.
        const ended = await inTime(life.ended, deadlineMs - clock.monotonicMs());
        if (this.closing) throw error;
        const isBetter = code === 'PLUGIN_CRASHED' && ENDS_LIFE.has(errorCode(ended) ?? '');
        const why = (isBetter ? ended : error) as Error;
        if (first) throw why;
        first = why;
      }
    }
  }

  /** Rejects with PLUGIN_GIVEN_UP, or when time runs out with why the call was not answered before, if it was asked. */
  private async nextLife(deadlineMs: number, why?: Error): Promise<Life> {
    for (;;) {
      if (this.givenUp) throw this.givenUp;
      if (this.current) return this.current;
      const { plugin, clock } = this.options;
      if (this.closing || !this.next) throw pluginHostError('PLUGIN_CLOSED', { plugin });
      const life = await inTime(this.next, deadlineMs - clock.monotonicMs());
      if (life === undefined) {
        const how = 'it was not back in time';
        throw why ?? pluginHostError('PLUGIN_CRASHED', { plugin, how, words: 'nothing' });
      }
      if (life.session.isOpen) return life;
    }
  }

  private live(life: Life): void {
    const sinceMs = this.options.clock.monotonicMs();
    this.current = life;
    this.next = undefined;
    void life.session.ended.then(() => {
      if (this.current === life) this.current = undefined;
      if (!this.closing) this.next ??= this.again(life.ended, sinceMs);
      // The next call is told why; there may be none.
      this.next?.catch(() => undefined);
    });
  }

  private async again(ended: Promise<Error>, sinceMs: number): Promise<Life> {
    const { plugin, limits, logger, clock, statistics, begin } = this.options;
    let why = await ended;
    this.deaths = clock.monotonicMs() - sinceMs >= HEALTHY_MS ? 1 : this.deaths + 1;
    for (;;) {
      if (this.closing) throw pluginHostError('PLUGIN_CLOSED', { plugin });
      if (this.deaths > limits.maxRestarts) {
        const details = { plugin, count: this.deaths, reason: errorMessage(why) };
        this.givenUp = pluginHostError('PLUGIN_GIVEN_UP', details, { cause: why });
        logger.error('a plugin is given up', { plugin, reason: errorMessage(why) });
        throw this.givenUp;
      }
      logger.warn('a plugin is started again', { plugin, reason: errorMessage(why) });
      await new Promise((resolve) => setTimeout(resolve, limits.firstPauseMs * 2 ** (this.deaths - 1)));
      // The end may have come meanwhile: nothing is begun any more.
      if (this.closing) continue;
      try {
        const life = await begin();
        if (this.closing) {
          await life.end();
          continue;
        }
        statistics.restarts++;
        this.live(life);
        return life;
      } catch (error) {
        why = error as Error;
        this.deaths++;
      }
    }
  }
}

/** Undefined when it takes longer. */
async function inTime<T>(promise: Promise<T>, leftMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(1, leftMs));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function bytesOf(input: object): number {
  return Object.values(input).reduce(
    (sum: number, value: unknown) => sum + (ArrayBuffer.isView(value) ? value.byteLength : 0),
    0,
  );
}
