/**
 * Children of a bench end with it: whoever is told to stop tells them, and `benchMain` waits until they are gone. What
 * there is stands as listeners on the process, one for each child and signal.
 */
import type { ChildProcess } from 'node:child_process';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How often the end of the children is looked for. */
const LOOK_MS = 20;

/**
 * Ties a child, as `spawn` returned it, to this process. A signal goes on to it as SIGTERM: a Ctrl-C of the terminal has
 * reached it by itself, and Python would print a stack. If this process ends before it, it is killed.
 */
export function endingWithUs<Child extends ChildProcess>(child: Child): Child {
  const pass = (): void => void child.kill('SIGTERM');
  const kill = (): void => void child.kill('SIGKILL');
  for (const signal of STOP_SIGNALS) process.on(signal, pass);
  // Before the folders go that it works in.
  process.prependListener('exit', kill);
  const forget = (): void => {
    for (const signal of STOP_SIGNALS) process.off(signal, pass);
    process.off('exit', kill);
  };
  child.once('close', forget);
  // It never began.
  child.once('error', () => child.pid === undefined && forget());
  return child;
}

export interface StopRequest {
  /** Settles with the first signal, when the children that were there are gone. */
  readonly childrenGone: Promise<void>;
  /** Has there been a signal? */
  asked(): boolean;
}

/** A second signal later than this is meant as one: the terminal and the parent may both pass on the same Ctrl-C. */
const SAME_SIGNAL_MS = 300;

/** Hears the signals; `atOnce` is called for a second one, and for one that comes when there are no children. */
export function onStopRequest(atOnce: () => void): StopRequest {
  let firstAtMs: number | undefined;
  let settle: () => void = () => undefined;
  const childrenGone = new Promise<void>((resolve) => (settle = resolve));
  const heard = (signal: NodeJS.Signals): void => {
    // All that listen but this are children.
    const children = (): number => process.listenerCount(signal) - 1;
    const nowMs = performance.now();
    if (firstAtMs !== undefined) {
      if (nowMs - firstAtMs > SAME_SIGNAL_MS) atOnce();
      return;
    }
    if (children() === 0) return atOnce();
    firstAtMs = nowMs;
    const look = setInterval(() => {
      if (children() > 0) return;
      clearInterval(look);
      settle();
    }, LOOK_MS);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, heard);
  return { childrenGone, asked: () => firstAtMs !== undefined };
}
