/** The median of many calls. */

const MIN_CALLS = 20;

export interface Timed {
  /** Microseconds, median. */
  readonly us: number;
  readonly calls: number;
}

/** Calls `call(0)`, `call(1)`, ... for `seconds`, after a quarter of that time which is not counted. */
export async function timeCalls(call: (index: number) => unknown, seconds: number): Promise<Timed> {
  const warmUntil = performance.now() + 250 * seconds;
  for (let i = 0; performance.now() < warmUntil; i++) await settled(call(i));
  const times: number[] = [];
  const until = performance.now() + 1000 * seconds;
  while (times.length < MIN_CALLS || performance.now() < until) {
    const start = performance.now();
    const result = call(times.length);
    if (result instanceof Promise) await result;
    times.push((performance.now() - start) * 1000);
  }
  return { us: median(times), calls: times.length };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Nothing to wait for where a call is synchronous. */
function settled(result: unknown): unknown {
  return result instanceof Promise ? result : undefined;
}
