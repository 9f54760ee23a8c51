/**
 * Threads over one WebAssembly memory that do a job together: its parts are functions of one module, and whoever is free takes the
 * next. The caller's thread leads and takes parts too, so a member that the system gives no time to delays nothing that it has not
 * begun.
 *
 * A member is told of a job by a word in shared memory. It looks at that for a while after each job (a layer follows the next within
 * microseconds), and then sleeps until it is woken.
 */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { threadError } from '../errors';
import { type WasmExports, type WasmMemory } from '../wasm/platform';
import { MEMORY_IMPORT } from '../wasm/module-builder';
import { CONTROL, CONTROL_WORDS, SPIN_MS, workAsMember } from './member';

/** A part takes milliseconds: a member that is that long over one is gone. */
const PATIENCE_MS = 60_000;

/** Starts a thread that runs `source`; for tests. */
export type StartThread = (source: string, options: WorkerOptions) => Worker;

export interface TeamSpec {
  readonly network: string;
  readonly threads: number;
  readonly module: object;
  readonly memory: WasmMemory;
  /** Of the caller's own instance. */
  readonly exports: WasmExports;
  /** By job, the names of the functions that are its parts: 1 to 255. */
  readonly jobs: readonly (readonly string[])[];
  readonly start?: StartThread;
}

export interface Team {
  /**
   * Does all parts of a job with so many threads, the caller's among them, and returns when they are done. Throws
   * INFERENCE_THREAD, at once for ever after.
   */
  run(job: number, threads: number): void;
  /** Ends the threads. */
  close(): void;
}

/** What a thread runs. An instance of the module of its own, on the same memory. */
const SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { module, memory, importName, names, ...spec } = workerData;
const { exports } = new WebAssembly.Instance(module, { [importName]: { [importName]: memory } });
parentPort.postMessage('ready');
(${workAsMember.toString()})({ ...spec, jobs: names.map((parts) => parts.map((name) => exports[name])) });
`;

const startWorker: StartThread = (source, options) => new Worker(source, options);

/** Throws INFERENCE_THREAD where a thread does not start. */
export async function startTeam(spec: TeamSpec): Promise<Team> {
  const { network, threads, module, memory, exports, jobs, start = startWorker } = spec;
  const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
  const state: { failure?: string; closed: boolean } = { closed: false };
  const members = Array.from({ length: threads - 1 }, (_, index) =>
    start(SOURCE, {
      eval: true,
      name: `espalier inference ${index + 1}`,
      workerData: {
        module,
        memory,
        importName: MEMORY_IMPORT,
        names: jobs,
        control,
        words: CONTROL,
        index,
        spinMs: SPIN_MS,
      },
    }),
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
  try {
    await Promise.all(members.map(ready));
  } catch (error) {
    close();
    throw failed(network, String(error), error);
  }
  // No process is kept alive by threads that wait for work.
  for (const member of members) member.unref();

  const own = jobs.map((names) => names.map((name) => exports[name] as () => void));
  return {
    run(job, wanted) {
      if (state.failure !== undefined) throw failed(network, state.failure);
      const parts = own[job];
      if (wanted < 2) for (const part of parts) part();
      else {
        try {
          state.failure = lead(control, { job, parts, members: wanted - 1 });
        } catch (error) {
          state.failure = String(error);
        }
        if (state.failure !== undefined) throw failed(network, state.failure);
      }
    },
    close,
  };
}

function ready(member: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    member.once('message', () => resolve());
    member.once('error', reject);
    member.once('exit', (code) => reject(new Error(`it ended with exit code ${code}`)));
  });
}

interface Job {
  readonly job: number;
  readonly parts: readonly (() => void)[];
  readonly members: number;
}

/** @returns why a member failed, if one did */
function lead(control: Int32Array, { job, parts, members }: Job): string | undefined {
  Atomics.store(control, CONTROL.active, members);
  Atomics.store(control, CONTROL.done, 0);
  Atomics.store(control, CONTROL.ticket, (job << 8) | (parts.length - 1));
  if (Atomics.load(control, CONTROL.sleeping) > 0) Atomics.notify(control, CONTROL.ticket);
  parts[0]();
  let others = parts.length - 1;
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

function failed(network: string, reason: string, cause?: unknown): Error {
  return threadError('INFERENCE_THREAD', { network, reason }, cause === undefined ? {} : { cause });
}
