/**
 * The life of a service in a process of its own: reads its settings, starts, tells its parent that it is ready, and
 * leaves when it is told to (SIGTERM, SIGINT) or when its parent is gone.
 */
import { errorMessage, type JsonValue } from '@espalier/base';
import { serviceError } from './errors';
import { SETTINGS_VARIABLE } from './supervise-child';

/** What a service's start function gives. */
export interface RunningProcess {
  /** What the parent is told: ports and URLs that were chosen at start. */
  readonly ready: JsonValue;
  /** Settles when it ends by itself. */
  readonly ended: Promise<void>;
  /** Finishes cleanly: checkpoint, say good-bye, close. */
  stop(reason: string): Promise<void>;
}

/** From the wish to leave to the exit. */
const LEAVE_MS = 2_000;

/** The settings that the parent left for this process; they are taken out of the environment. @throws SERVICE_CONFIG */
export function takeSettings(name: string, env: NodeJS.ProcessEnv = process.env): unknown {
  const text = env[SETTINGS_VARIABLE];
  delete env[SETTINGS_VARIABLE];
  const variable = SETTINGS_VARIABLE;
  if (text === undefined) throw serviceError('SERVICE_CONFIG', { name, variable, problem: 'it is not set' });
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw serviceError('SERVICE_CONFIG', { name, variable, problem: 'it is not JSON' }, { cause });
  }
}

/** Runs a service until it ends; this process ends with it. Never rejects. */
export async function runAsChild(
  name: string,
  start: (settings: unknown) => Promise<RunningProcess>,
): Promise<void> {
  const wish = leaveWish();
  try {
    const started = await Promise.race([start(takeSettings(name)), wish]);
    if (typeof started !== 'string') {
      process.send?.({ ready: started.ready });
      const reason = await Promise.race([wish, started.ended]);
      if (reason !== undefined) {
        // A stage that does not listen in time is cut; it goes on from its last checkpoint.
        setTimeout(() => process.exit(0), LEAVE_MS);
        await started.stop(reason);
      }
    }
    process.exit(0);
  } catch (error) {
    console.error(errorMessage(error));
    process.exit(1);
  }
}

/** Settles with the reason, at the first sign that this process should leave. */
function leaveWish(): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
    if (process.send) process.once('disconnect', () => resolve('its parent is gone'));
  });
}
