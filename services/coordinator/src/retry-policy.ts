/** When a stage that failed for a passing reason is tried again. */
export interface RetryPolicy {
  /** Failures of one stage after which the run fails. */
  readonly maxFailures: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = { maxFailures: 8, firstDelayMs: 250, maxDelayMs: 30_000 };

/** Milliseconds to wait after the `failures`-th failure in a row (from 1), or undefined when it was the last. */
export function retryDelayMs(failures: number, policy: RetryPolicy): number | undefined {
  if (failures >= policy.maxFailures) return undefined;
  return Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (failures - 1));
}
