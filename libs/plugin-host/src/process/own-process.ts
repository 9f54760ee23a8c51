/** A plugin's life in a process of its own: start, hello, and the end of all that it started. */
import { type PluginManifest } from '@espalier/plugin-api';
import { errorCode, type Clock } from '@espalier/base';
import type { PluginConnection } from '@espalier/transport';
import { pluginHostError } from '../errors';
import type { PluginLimits } from '../limits';
import { PluginSession } from '../session/plugin-session';
import type { Life } from '../session/restarting-backend';
import type { CallStatistics } from '../statistics';
import type { Confinement } from './confinement';
import { PluginChild, type ChildCommand, type ChildExit } from './plugin-child';

export interface OwnProcessOptions {
  readonly plugin: string;
  readonly hostVersion: string;
  readonly limits: PluginLimits;
  readonly clock: Clock;
  readonly confinement: Confinement;
  readonly statistics: CallStatistics;
  /** Without the address, which `invite` adds. */
  readonly command: ChildCommand;
  /** Ends a process that has not said hello yet. */
  readonly signal?: AbortSignal;
  /** What its environment needs to call the host; `onConnection` gets it when it calls, within the turn. */
  invite(onConnection: (connection: PluginConnection) => void): Invitation;
}

export interface Invitation {
  readonly env: Readonly<Record<string, string>>;
  /** Nobody is let in by it any more. */
  withdraw(): void;
}

/** A life that has not been admitted yet. */
export interface BegunLife extends Life {
  readonly manifest: PluginManifest;
}

/** How long a process may live on after its connection has ended in order, before it is killed. */
const LEAVE_MS = 200;
/** From the end of its connection to that of its process: to know why. */
const EXIT_MS = 5_000;

/** Resolves after `plugin.hello`. @throws PLUGIN_START, PLUGIN_PROTOCOL, PLUGIN_FORGED ... */
export async function beginLife(options: OwnProcessOptions): Promise<BegunLife> {
  const { plugin, limits, clock, hostVersion, statistics, command } = options;
  if (options.signal?.aborted) throw pluginHostError('PLUGIN_CLOSED', { plugin });
  let session: PluginSession | undefined;
  let excess: Error | undefined;
  let arrive: (arrived: PluginSession) => void = () => undefined;
  const arrived = new Promise<PluginSession>((resolve) => (arrive = resolve));
  const invitation = options.invite((connection) => {
    session = new PluginSession({ connection, expectedName: plugin, hostVersion, limits, clock });
    arrive(session);
  });
  const child = new PluginChild(
    { ...command, env: { ...command.env, ...invitation.env } },
    {
      confinement: options.confinement,
      limits,
      onExcess: (what) => {
        excess ??= excessError(what, options);
        if (session) session.end(excess);
        else void child.kill();
      },
      onPeak: (bytes) => {
        statistics.peakBytes = Math.max(statistics.peakBytes, bytes);
      },
    },
  );

  const onAbort = (): void => void child.kill();
  options.signal?.addEventListener('abort', onAbort);
  try {
    const from = clock.monotonicMs();
    const started = await within(limits.startTimeoutMs, Promise.race([arrived, child.exited]));
    const leftMs = Math.max(1, limits.startTimeoutMs - (clock.monotonicMs() - from));
    const isSession = started instanceof PluginSession;
    const manifest = isSession ? await within(leftMs, started.hello) : undefined;
    if (!isSession || !manifest) throw excess ?? startError(options, isSession ? undefined : started);
    const ended = started.ended.then(async (why) => {
      const exit = await within(errorCode(why) === 'PLUGIN_CRASHED' ? EXIT_MS : 0, child.exited);
      await child.kill();
      return exit && errorCode(why) === 'PLUGIN_CRASHED' ? exitError(exit, { ...options, why }) : why;
    });
    return {
      session: started,
      manifest,
      ended,
      end: async () => {
        started.leave();
        await within(LEAVE_MS, child.exited);
        started.end(pluginHostError('PLUGIN_CLOSED', { plugin }));
        await ended;
      },
    };
  } catch (error) {
    session?.end(error as Error);
    await child.kill();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    invitation.withdraw();
  }
}

function excessError(what: 'memory' | 'processes', { plugin, limits }: OwnProcessOptions): Error {
  return what === 'memory'
    ? pluginHostError('PLUGIN_MEMORY', { plugin, limitBytes: limits.memoryBytes })
    : pluginHostError('PLUGIN_PROCESSES', { plugin, limit: limits.maxProcesses });
}

function startError({ plugin, limits }: OwnProcessOptions, exit: ChildExit | undefined): Error {
  const { how, words } = exit ?? { how: 'nothing', words: 'nothing' };
  return pluginHostError('PLUGIN_START', { plugin, timeoutMs: limits.startTimeoutMs, how, words });
}

/** What its process's end tells of a session that broke off. */
function exitError(
  exit: ChildExit,
  { plugin, limits, why }: OwnProcessOptions & { readonly why: Error },
): Error {
  if (exit.memory) {
    return pluginHostError('PLUGIN_MEMORY', { plugin, limitBytes: limits.memoryBytes }, { cause: why });
  }
  return pluginHostError('PLUGIN_CRASHED', { plugin, how: exit.how, words: exit.words }, { cause: why });
}

/** Undefined when it takes longer. */
async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
