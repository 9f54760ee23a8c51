/** Ctrl-C: the first asks for a clean end, the second ends at once. SIGTERM and a closed terminal count as the first. */
import { EXIT } from './command';

export interface Interrupt extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
}

/** How long a second signal is taken for the same one: `npm start` passes on the Ctrl-C that the terminal sends to all. */
const SAME_SIGNAL_MS = 300;

export function onInterrupt(first: (signal: NodeJS.Signals) => void, atOnce: () => void): Interrupt {
  const controller = new AbortController();
  let firstAtMs = 0;
  const heard = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now();
    if (!controller.signal.aborted) {
      firstAtMs = nowMs;
      first(signal);
      controller.abort();
    } else if (nowMs - firstAtMs > SAME_SIGNAL_MS) {
      atOnce();
      process.exit(EXIT.interrupted);
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, heard);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, heard);
    },
  };
}
