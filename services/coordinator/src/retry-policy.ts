/** When a stage that failed for a passing reason is tried again. */
export interface RetryPolicy {
  /** Failures of one stage after which the run fails. */
  readonly maxFailures: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** Failures of one stage to get at its inputs after which the stages that made them run again. Below `maxFailures`. */
  readonly missingFailures: number;
  /** So often at most, until somebody resumes the run. */
  readonly maxReplans: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxFailures: 8,
  firstDelayMs: 250,
  maxDelayMs: 30_000,
  missingFailures: 4,
  maxReplans: 8,
};

/** Failures by which a service says that it cannot get at what the stage starts from. */
const MISSING_CODES = ['SERVICE_INPUT_MISSING', 'TRANSPORT_MISSING', 'TRANSPORT_UNREACHABLE'];

export function isMissingInput(code: string): boolean {
  return MISSING_CODES.includes(code);
}

/** Milliseconds to wait after the `failures`-th failure in a row (from 1), or undefined when it was the last. */
export function retryDelayMs(failures: number, policy: RetryPolicy): number | undefined {
  if (failures >= policy.maxFailures) return undefined;
  return Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (failures - 1));
}
