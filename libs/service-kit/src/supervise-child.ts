/**
 * Keeps one child process alive: starts it, waits until it says that it is ready, starts it again with back-off when it
 * dies, and ends it for good. The other half, in the child, is `runAsChild`: the two are joined by an IPC channel, whose
 * end is how a child notices that its parent is gone, however that died.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { JsonValue, Logger } from '@espalier/base';
import { serviceError } from './errors';

/** The child's settings stand here, as JSON; never in argv, which everybody on the machine can read. */
export const SETTINGS_VARIABLE = 'ESPALIER_SERVICE';

export interface SupervisorLimits {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** A child that lived this long after it was ready is healthy: the next death starts counting anew. */
  readonly healthyMs: number;
  /** Deaths in a row, none of them after a healthy life, after which it is given up. */
  readonly maxDeaths: number;
  /** From SIGTERM to SIGKILL. A service checkpoints and leaves within 2 s. */
  readonly stopMs: number;
}

export const DEFAULT_SUPERVISOR_LIMITS: SupervisorLimits = {
  firstDelayMs: 100,
  maxDelayMs: 10_000,
  healthyMs: 20_000,
  maxDeaths: 8,
  stopMs: 4_000,
};

export interface ChildSpec {
  /** For people and logs. */
  readonly name: string;
  /** The script that calls `runAsChild`. */
  readonly entry: string;
  /** Made anew for every start; gets what the last ready child said, e.g. to ask for the same port again. */
  readonly settings: (lastReady: JsonValue | undefined) => JsonValue;
  /** Node's own arguments. Default: those of this process (loader and conditions). */
  readonly execArgv?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** What the child prints, line by line. Default: the logger's debug. */
  readonly onLine?: (line: string) => void;
  /** Each time that it is ready. */
  readonly onReady?: (ready: JsonValue, restarts: number) => void;
  /** It died and will be started again. */
  readonly onDeath?: (exit: string) => void;
  readonly limits?: Partial<SupervisorLimits>;
}

export interface SupervisedChild extends AsyncDisposable {
  readonly name: string;
  /** What the child said when it was first ready; rejects with SERVICE_CRASHED when it never came so far. */
  readonly ready: Promise<JsonValue>;
  /** Settles when it is gone for good: after `stop`, or with SERVICE_CRASHED when it was given up. */
  readonly ended: Promise<void>;
  pid(): number | undefined;
  restarts(): number;
  /** SIGTERM, and SIGKILL for one that does not leave. Safe to call twice. */
  stop(): Promise<void>;
}

export function superviseChild(spec: ChildSpec): SupervisedChild {
  return new Supervisor(spec);
}

/** Stops all, at the same time. */
export async function stopAll(children: readonly SupervisedChild[]): Promise<void> {
  await Promise.all(children.map((child) => child.stop()));
}

/** Last lines that a child printed, for the message when it is given up. */
const KEPT_LINES = 8;

class Supervisor implements SupervisedChild {
  readonly name: string;
  readonly ready: Promise<JsonValue>;
  readonly ended: Promise<void>;
  private readonly spec: ChildSpec;
  private readonly limits: SupervisorLimits;
  private readonly settleReady: Settle<JsonValue>;
  private readonly settleEnded: Settle<void>;
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastReady: JsonValue | undefined;
  private lines: string[] = [];
  private starts = 0;
  private deaths = 0;
  private stopping = false;

  constructor(spec: ChildSpec) {
    this.name = spec.name;
    this.spec = spec;
    this.limits = { ...DEFAULT_SUPERVISOR_LIMITS, ...spec.limits };
    [this.ready, this.settleReady] = deferred<JsonValue>();
    [this.ended, this.settleEnded] = deferred<void>();
    // Who does not look at a promise is told by the other, or by the log.
    this.ready.catch(() => undefined);
    this.ended.catch(() => undefined);
    this.start();
  }

  pid(): number | undefined {
    return this.child?.pid;
  }

  restarts(): number {
    return Math.max(0, this.starts - 1);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const child = this.child;
    if (!child) this.settleEnded.resolve();
    else {
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), this.limits.stopMs);
      // How it ended is told by `ended` itself; here it is enough that it has.
      await this.ended.catch(() => undefined);
      clearTimeout(kill);
    }
    this.settleReady.reject(serviceError('SERVICE_CRASHED', this.lastWords('a stop')));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private start(): void {
    const { name, entry, settings, logger } = this.spec;
    this.starts += 1;
    this.lines = [];
    let readyAtMs: number | undefined;
    const child = spawn(process.execPath, [...(this.spec.execArgv ?? process.execArgv), entry], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C in the terminal goes to the parent, which ends the children in order.
      detached: true,
      env: {
        ...(this.spec.env ?? process.env),
        [SETTINGS_VARIABLE]: JSON.stringify(settings(this.lastReady)),
      },
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.heard(line));
    }
    child.on('message', (message) => {
      const said = message as { readonly ready?: JsonValue };
      if (said.ready === undefined) return;
      readyAtMs = performance.now();
      this.lastReady = said.ready;
      this.settleReady.resolve(said.ready);
      this.spec.onReady?.(said.ready, this.restarts());
    });
    child.on('error', (error) => logger.error(`${name} could not be started`, { problem: error.message }));
    child.on('close', (code, signal) => {
      this.child = undefined;
      const healthy = readyAtMs !== undefined && performance.now() - readyAtMs >= this.limits.healthyMs;
      this.died(signal ?? `code ${code}`, healthy);
    });
  }

  private died(exit: string, healthy: boolean): void {
    if (this.stopping) return this.settleEnded.resolve();
    this.deaths = healthy ? 1 : this.deaths + 1;
    if (this.deaths >= this.limits.maxDeaths) {
      const error = serviceError('SERVICE_CRASHED', this.lastWords(exit));
      this.settleReady.reject(error);
      return this.settleEnded.reject(error);
    }
    this.spec.logger.warn(`${this.name} ended with ${exit}; it is started again`);
    this.spec.onDeath?.(exit);
    const delayMs = Math.min(this.limits.maxDelayMs, this.limits.firstDelayMs * 2 ** (this.deaths - 1));
    this.timer = setTimeout(() => this.start(), delayMs);
  }

  private heard(line: string): void {
    this.lines = [...this.lines.slice(1 - KEPT_LINES), line];
    if (this.spec.onLine) this.spec.onLine(line);
    else this.spec.logger.debug(`${this.name}: ${line}`);
  }

  private lastWords(exit: string): { name: string; count: number; exit: string; words: string } {
    const words = this.lines.join(' | ') || 'nothing';
    return { name: this.name, count: this.deaths, exit, words };
  }
}

interface Settle<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

function deferred<T>(): [Promise<T>, Settle<T>] {
  let settle: Settle<T> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return [promise, settle as Settle<T>];
}
