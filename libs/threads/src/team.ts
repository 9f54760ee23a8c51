/**
 * Threads over one WebAssembly memory that do a job together: its parts are functions of one module, and whoever is free takes the
 * next. The caller's thread leads and takes parts too, so a member that the system gives no time to delays nothing that it has not
 * begun.
 *
 * A member is told of a job by a word in shared memory. It looks at that for a while after each job (a layer follows the next within
 * microseconds), and then sleeps until it is woken.
 */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { CONTROL, CONTROL_WORDS, SPIN_MS, workAsMember } from './member';

/** A part takes milliseconds: a member that is that long over one is gone. */
const PATIENCE_MS = 60_000;

/** Starts a thread that runs `source`; for tests. */
export type StartThread = (source: string, options: WorkerOptions) => Worker;

/** A call of an exported function: its name, then its arguments. */
export type TeamPart = readonly [name: string, ...numbers: number[]];

export interface TeamSpec {
  readonly threads: number;
  /** Of the threads, for who lists them. */
  readonly name: string;
  /** A WebAssembly module, and what it imports, a memory that threads share. */
  readonly module: object;
  readonly imports: object;
  /** Of the caller's own instance. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** By job, its parts: 1 to 255. */
  readonly jobs: readonly (readonly TeamPart[])[];
  /** What `run` is to throw when a thread has failed. */
  failed(reason: string, cause?: unknown): Error;
  readonly start?: StartThread;
}

export interface RunOptions {
  /** The caller's among them. */
  readonly threads: number;
  /** Only the first so many. Default: all. */
  readonly parts?: number;
}

export interface Team {
  /** When all threads have started; rejects with what `failed` makes of it. Nobody need wait for it. */
  readonly ready: Promise<void>;
  /** Does all parts of a job and returns when they are done. Throws what `failed` gives, at once for ever after. */
  run(job: number, options: RunOptions): void;
  /** Lets the other threads begin with all parts but the first, and returns; `finish` must follow before anything else. */
  begin(job: number, options: RunOptions): void;
  /** Does what is left of the job that was begun, its first part among it, and returns when all is done. Throws as `run` does. */
  finish(): void;
  /** Ends the threads. */
  close(): void;
}

/** What a thread runs. An instance of the module of its own, on the same memory. */
const SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { module, imports, jobs, ...spec } = workerData;
const { exports } = new WebAssembly.Instance(module, imports);
parentPort.postMessage('ready');
(${workAsMember.toString()})({
  ...spec,
  jobs: jobs.map((parts) => parts.map(([name, ...numbers]) => () => exports[name](...numbers))),
});
`;

const startWorker: StartThread = (source, options) => new Worker(source, options);

export function openTeam(spec: TeamSpec): Team {
  const { threads, name, module, imports, exports, jobs, failed, start = startWorker } = spec;
  const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
  const state: { failure?: string; closed: boolean } = { closed: false };
  const workerData = { module, imports, jobs, control, words: CONTROL, spinMs: SPIN_MS };
  const members = Array.from({ length: threads - 1 }, (_, index) =>
    start(SOURCE, { eval: true, name: `${name} ${index + 1}`, workerData: { ...workerData, index } }),
  );
  const close = (): void => {
    state.closed = true;
    Atomics.store(control, CONTROL.stopped, 1);
    // Another value than any that a member may be waiting at: it wakes and finds that the team has been stopped.
    Atomics.store(control, CONTROL.ticket, -256);
    Atomics.notify(control, CONTROL.ticket);
    for (const member of members) void member.terminate();
  };
  for (const member of members) {
    member.on('error', (error) => (state.failure ??= String(error)));
    member.on('exit', () => {
      if (!state.closed) state.failure ??= 'it has ended';
    });
  }
  const ready = Promise.all(members.map(started)).then(
    () => undefined,
    (error: unknown) => {
      close();
      throw failed(String(error), error);
    },
  );
  // Who does not wait for it hears of it from `run`.
  ready.catch(() => undefined);
  const own = jobs.map((parts) =>
    parts.map(([called, ...numbers]) => {
      const work = exports[called] as (...numbers: number[]) => void;
      return (): void => work(...numbers);
    }),
  );
  let begun: Job | undefined;
  const begin = (job: number, { threads: wanted, parts: count = own[job].length }: RunOptions): void => {
    if (state.failure !== undefined) throw failed(state.failure);
    begun = { job, parts: own[job], count, members: wanted - 1 };
    if (begun.members > 0) offer(control, begun);
  };
  const finish = (): void => {
    const job = begun;
    begun = undefined;
    if (state.failure !== undefined) throw failed(state.failure);
    if (!job) return;
    if (job.members < 1) {
      for (let part = 0; part < job.count; part++) job.parts[part]();
      return;
    }
    try {
      state.failure = lead(control, job);
    } catch (error) {
      state.failure = String(error);
    }
    if (state.failure !== undefined) throw failed(state.failure);
  };
  return {
    ready,
    run(job, options) {
      begin(job, options);
      finish();
    },
    begin,
    finish,
    close,
  };
}

function started(member: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    member.once('message', () => {
      // No process is kept alive by threads that wait for work; but by those that somebody waits for.
      member.unref();
      resolve();
    });
    member.once('error', reject);
    member.once('exit', (code) => reject(new Error(`it ended with exit code ${code}`)));
  });
}

interface Job {
  readonly job: number;
  readonly parts: readonly (() => void)[];
  readonly count: number;
  readonly members: number;
}

/** To the members, all parts but the first. */
function offer(control: Int32Array, { job, count, members }: Job): void {
  Atomics.store(control, CONTROL.active, members);
  Atomics.store(control, CONTROL.done, 0);
  Atomics.store(control, CONTROL.ticket, (job << 8) | (count - 1));
  if (Atomics.load(control, CONTROL.sleeping) > 0) Atomics.notify(control, CONTROL.ticket);
}

/** @returns why a member failed, if one did */
function lead(control: Int32Array, { parts, count }: Job): string | undefined {
  parts[0]();
  let others = count - 1;
  for (let ticket = Atomics.load(control, CONTROL.ticket); (ticket & 255) > 0;) {
    if (Atomics.compareExchange(control, CONTROL.ticket, ticket, ticket - 1) === ticket) {
      parts[ticket & 255]();
      others--;
    }
    ticket = Atomics.load(control, CONTROL.ticket);
  }
  return waitFor(control, others);
}

function waitFor(control: Int32Array, others: number): string | undefined {
  const since = performance.now();
  for (let done = Atomics.load(control, CONTROL.done); done < others;) {
    const waited = performance.now() - since;
    if (waited > PATIENCE_MS) return `it has given no answer for ${PATIENCE_MS / 1000} s`;
    if (waited > SPIN_MS) {
      Atomics.store(control, CONTROL.leaderSleeps, 1);
      Atomics.wait(control, CONTROL.done, done, PATIENCE_MS);
      Atomics.store(control, CONTROL.leaderSleeps, 0);
    }
    for (let i = 0; i < 64 && Atomics.load(control, CONTROL.done) === done; i++);
    done = Atomics.load(control, CONTROL.done);
  }
  const length = Atomics.load(control, CONTROL.failure);
  if (length === 0) return undefined;
  const from = CONTROL.failure + 1;
  return String.fromCharCode(...control.subarray(from, from + length));
}
