/**
 * One process of a plugin, and whatever it starts: shut in, limited, watched, and at the end all of it killed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { newId } from '@espalier/base';
import type { PluginLimits } from '../limits';
import { openCgroup, type Cgroup } from './cgroup';
import { confine, type Confinement } from './confinement';
import { isAlive, memoryOf, processesWith, withDescendants } from './process-table';

export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ChildOptions {
  readonly confinement: Confinement;
  readonly limits: PluginLimits;
  /** It uses more than it may: the caller kills it. */
  onExcess(what: 'memory' | 'processes'): void;
  /** The most private memory that it has had, each time that it is looked at. */
  onPeak(bytes: number): void;
}

export interface ChildExit {
  /** `code 1`, `SIGKILL` ... */
  readonly how: string;
  /** What it printed last. */
  readonly words: string;
  readonly memory: boolean;
}

const WATCH_MS = 100;
/** Printed bytes that are kept for the last words. */
const KEPT_BYTES = 4 * 1024;
/** What it may print; beyond this nobody reads for a while, and it waits. */
const PRINTED_BYTES_PER_SECOND = 256 * 1024;
/** The wall around all its processes together: each alone is held by `RLIMIT_DATA`, files' pages count here too. */
const GROUP_MEMORY_SHARE = 1.1;
/** What else the kernel and the shell in front of it need. */
const EXTRA_TASKS = 4;
const MARK = 'ESPALIER_PLUGIN_PROCESS';
/** How V8 and libc end a process that gets no more memory, where they have no room left to say so. */
const ABORTED = /^(SIGABRT|SIGTRAP|SIGILL|SIGSEGV|SIGBUS|code (132|133|134|135|139))$/;
/** From this share of its memory on, such an end is taken for one by memory. */
const NEARLY_FULL = 0.6;
const OUT_OF_MEMORY = /out of memory|allocation failed|MemoryError|bad_alloc|cannot allocate memory/i;

export class PluginChild {
  readonly exited: Promise<ChildExit>;
  private readonly child: ChildProcess;
  private readonly cgroup: Cgroup | undefined;
  private readonly mark = newId();
  private readonly timer: NodeJS.Timeout;
  private known: readonly number[] = [];
  private words = '';
  /** A stack may follow that is longer than what is kept. */
  private saidOutOfMemory = false;
  private peakBytes = 0;
  private killed: Promise<void> | undefined;

  constructor(
    command: ChildCommand,
    private readonly options: ChildOptions,
  ) {
    const { limits, confinement } = options;
    this.cgroup = openCgroup(`espalier-${this.mark}`, {
      memoryBytes: Math.ceil(limits.memoryBytes * GROUP_MEMORY_SHARE),
      maxTasks: limits.maxProcesses + EXTRA_TASKS,
    });
    const { memoryBytes, maxOpenFiles } = limits;
    const cgroups = this.cgroup?.folders ?? [];
    const [program, ...args] = confine(confinement, { ...command, memoryBytes, maxOpenFiles, cgroups });
    this.child = spawn(program, args, {
      cwd: command.folder,
      env: { ...command.env, [MARK]: this.mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that all of it can be killed.
      detached: true,
    });
    for (const stream of [this.child.stdout, this.child.stderr]) if (stream) this.listen(stream);
    this.timer = setInterval(() => this.watch(), WATCH_MS);
    this.timer.unref();
    this.exited = new Promise((resolve) => {
      const ended = (how: string): void => {
        const aborted = ABORTED.test(how) && this.peakBytes > NEARLY_FULL * limits.memoryBytes;
        const memory = aborted || this.saidOutOfMemory || (this.cgroup?.hits().memory ?? 0) > 0;
        resolve({ how, words: this.words.trim().slice(-1_000) || 'nothing', memory });
      };
      this.child.once('error', (error) => ended(error.message));
      this.child.once('close', (code, signal) => ended(signal ?? `code ${code}`));
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Kills it and all that it has started; resolves when nothing is left. */
  kill(): Promise<void> {
    this.killed ??= this.killAll();
    return this.killed;
  }

  private async killAll(): Promise<void> {
    clearInterval(this.timer);
    const { pid } = this.child;
    if (pid === undefined) {
      this.cgroup?.remove();
      return;
    }
    for (let round = 0; round < 100; round++) {
      signal(-pid);
      const left = this.everybody(pid).filter(isAlive);
      left.forEach(signal);
      if (left.length === 0 && (this.cgroup?.remove() ?? true)) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.destroy();
  }

  /** Its group, its descendants, and those that have left both but bear its mark. */
  private everybody(pid: number): number[] {
    return [
      ...new Set([
        ...withDescendants(pid),
        ...this.known,
        ...(this.cgroup?.pids() ?? []),
        // A namespace ends with its first process: nobody can have left.
        ...(this.options.confinement.kind === 'none' && !this.cgroup
          ? processesWith(`${MARK}=${this.mark}`)
          : []),
      ]),
    ].filter((candidate) => candidate !== process.pid);
  }

  private watch(): void {
    const { pid } = this.child;
    if (pid === undefined || this.killed) return;
    const { limits, onExcess } = this.options;
    this.known = this.cgroup?.pids() ?? withDescendants(pid);
    const { privateBytes, peakBytes } = memoryOf(this.known);
    this.peakBytes = Math.max(this.peakBytes, peakBytes);
    this.options.onPeak(peakBytes);
    const hits = this.cgroup?.hits();
    if (privateBytes > limits.memoryBytes || (hits && hits.memory > 0)) onExcess('memory');
    else if (this.known.length > limits.maxProcesses || (hits && hits.tasks > 0)) onExcess('processes');
  }

  /** Keeps the last words; one that prints without end is read slowly. */
  private listen(stream: Readable): void {
    let [budget, resumeAt] = [PRINTED_BYTES_PER_SECOND, 0];
    stream.on('data', (bytes: Buffer) => {
      const words = this.words + bytes.toString('utf8');
      this.saidOutOfMemory ||= OUT_OF_MEMORY.test(words);
      this.words = words.slice(-KEPT_BYTES);
      budget -= bytes.byteLength;
      if (budget > 0 || resumeAt !== 0) return;
      stream.pause();
      resumeAt = 1;
      setTimeout(() => {
        [budget, resumeAt] = [PRINTED_BYTES_PER_SECOND, 0];
        stream.resume();
      }, 1_000).unref();
    });
    stream.on('error', () => undefined);
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
