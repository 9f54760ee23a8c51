/**
 * Progress for people: at most one value in `intervalMs`, always the latest, and the last one never lost. The first goes
 * through at once. A stage may report every step; the wire sees ten a second.
 */
import type { Clock } from '@espalier/base';

export interface Conflater<T> {
  push(value: T): void;
  /** Sends what waits. */
  flush(): void;
  [Symbol.dispose](): void;
}

export interface ConflaterTimers {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Calls back after so many milliseconds; returns how to take it back. */
  after(ms: number, call: () => void): () => void;
}

export function conflate<T>(
  send: (value: T) => void,
  intervalMs: number,
  { clock, after }: ConflaterTimers,
): Conflater<T> {
  let waiting: { readonly value: T } | undefined;
  let takeBack: (() => void) | undefined;
  let lastMs = -Infinity;

  const flush = (): void => {
    takeBack?.();
    takeBack = undefined;
    if (!waiting) return;
    const { value } = waiting;
    waiting = undefined;
    lastMs = clock.monotonicMs();
    send(value);
  };
  return {
    push(value) {
      waiting = { value };
      const dueMs = lastMs + intervalMs - clock.monotonicMs();
      if (dueMs <= 0) flush();
      else takeBack ??= after(dueMs, flush);
    },
    flush,
    [Symbol.dispose]: flush,
  };
}

/** As `ConflaterTimers` want it, by the system's timers. */
export function afterMs(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
