/** Twelve plugins that do harm, and what their host must make of each: for the test, and for the bench that measures it. */
import { cpSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, Random, systemClock } from '@espalier/base';
import { lastValueFrom, NEVER } from 'rxjs';
import type { PluginLimits } from '../limits';
import type { LoadedPlugin } from '../loaded-plugin';
import type { PluginHost } from '../plugin-host';

const MiB = 1024 * 1024;

/** Small, since what tests them has other work too. */
export const HOSTILE_LIMITS: Partial<PluginLimits> = {
  memoryBytes: 200 * MiB,
  maxProcesses: 24,
  maxOpenFiles: 64,
  messagesPerSecond: 200,
  // A full heap is collected for long before it is given up, on a busy machine for very long.
  callTimeoutMs: 120_000,
  callTimeoutMsPerMiB: 0,
  maxRestarts: 2,
  firstPauseMs: 20,
};

/** Those that never answer are not waited for so long. */
const SHORT_MS = 2_000;

export interface HostilePlugin {
  /** Folder and plugin. */
  readonly name: string;
  /** With which its call fails. */
  readonly code: string;
  readonly limits?: Partial<PluginLimits>;
}

export const HOSTILE_PLUGINS: readonly HostilePlugin[] = [
  { name: 'endless-loop', code: 'PLUGIN_TIMEOUT', limits: { callTimeoutMs: SHORT_MS } },
  { name: 'heap-bomb', code: 'PLUGIN_MEMORY' },
  { name: 'array-buffer-bomb', code: 'PLUGIN_MEMORY' },
  { name: 'process-exit', code: 'PLUGIN_CRASHED' },
  { name: 'rejected-promise', code: 'PLUGIN_THREW' },
  { name: 'message-flood', code: 'PLUGIN_FLOOD' },
  { name: 'wrong-shape', code: 'PLUGIN_ANSWER_SHAPE' },
  { name: 'not-a-number', code: 'PLUGIN_ANSWER_VALUE' },
  { name: 'fork-bomb', code: 'PLUGIN_PROCESSES' },
  { name: 'file-leak', code: 'PLUGIN_OPEN_FILES' },
  { name: 'late-answer', code: 'PLUGIN_TIMEOUT', limits: { callTimeoutMs: SHORT_MS } },
  { name: 'forged-sender', code: 'PLUGIN_FORGED' },
];

export const hostileFolder = (name: string): string => join(__dirname, 'plugins', name);

/** The same plugin in a folder of its own: whose processes are there is nobody else's doing. Returns that folder. */
export function copyHostile(name: string, into: string): string {
  const folder = join(into, name);
  cpSync(hostileFolder(name), folder, { recursive: true });
  return folder;
}

export interface HostileOutcome {
  readonly code: string | undefined;
  /** From the call to its failure. */
  readonly ms: number;
  readonly peakBytes: number;
  /** Processes of the plugin that were there after it had been ended. */
  readonly left: number;
}

/** Loads it, asks it once, and ends it. */
export async function tryHostile(host: PluginHost, name: string): Promise<HostileOutcome> {
  const folder = hostileFolder(name);
  const plugin = await host.load({ from: folder });
  const fromMs = systemClock.monotonicMs();
  const code = await ask(plugin).then(
    () => undefined,
    (error: unknown) => errorCode(error) ?? String(error),
  );
  const ms = systemClock.monotonicMs() - fromMs;
  await plugin[Symbol.asyncDispose]();
  return { code, ms, peakBytes: plugin.statistics.peakBytes, left: processesIn(folder).length };
}

async function ask(plugin: LoadedPlugin): Promise<unknown> {
  if (plugin.manifest.contributions.some(({ kind }) => kind === 'observer')) {
    return lastValueFrom(plugin.observer('bad').observe(NEVER, { run: 'r1', folder: '/nowhere' }));
  }
  const weights = Float32Array.of(1, -2, 3, -4);
  return plugin.criterion('bad').score({ name: 'fc1/kernel', shape: [2, 2], weights, random: new Random(1) });
}

/** Processes that were started in this folder, which may be gone. */
export function processesIn(folder: string): number[] {
  const places = [folder, `${folder} (deleted)`];
  return readdirSync('/proc')
    .filter((pid) => {
      try {
        return /^\d+$/.test(pid) && places.includes(readlinkSync(`/proc/${pid}/cwd`));
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Kills processes; one may take another with it, as a supervisor its child, so the last may be gone already. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
