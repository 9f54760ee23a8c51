/** When a stage that failed for a passing reason is tried again. Pure. */
import type { Digest } from '@espalier/tensor';
import type { Retries, RunState } from './fold-run';

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

function isMissingInput(code: string): boolean {
  return MISSING_CODES.includes(code);
}

/** A service that works on something else has not tried the stage: that is no failure of it, however often it happens. */
export function isBusy({ code }: { readonly code: string }): boolean {
  return code === 'SERVICE_LEASE_BUSY';
}

/** Milliseconds to wait after the `failures`-th failure in a row (from 1), or undefined when it was the last. */
export function retryDelayMs(failures: number, policy: RetryPolicy): number | undefined {
  return failures >= policy.maxFailures ? undefined : pauseMs(failures, policy);
}

function pauseMs(times: number, { firstDelayMs, maxDelayMs }: RetryPolicy): number {
  return Math.min(maxDelayMs, firstDelayMs * 2 ** (times - 1));
}

/** Failures of the stage under this key since it last went well. */
export function failuresOf(retries: Retries | undefined, key: Digest): number {
  return retries?.key === key ? retries.count : 0;
}

/** Before this time the stage is not offered again, in milliseconds since the epoch; 0: at once. */
export function notBeforeMs(
  { retries, refusals }: Pick<RunState, 'retries' | 'refusals'>,
  key: Digest,
  policy: RetryPolicy,
): number {
  const afterFailures =
    retries?.key === key ? retries.lastAt + (retryDelayMs(retries.count, policy) ?? 0) : 0;
  const afterRefusals = refusals?.key === key ? refusals.lastAt + pauseMs(refusals.count, policy) : 0;
  return Math.max(afterFailures, afterRefusals);
}

/** What follows from one more failure of a stage that had failed `before` times. */
export function afterFailure(
  { code, retryable }: { readonly code: string; readonly retryable: boolean },
  before: number,
  policy: RetryPolicy,
): {
  /** Is it tried again? Otherwise the run fails. */
  readonly again: boolean;
  /** Do the stages that made its inputs have to run again first? */
  readonly inputsLost: boolean;
} {
  const count = before + 1;
  const again = retryable && retryDelayMs(count, policy) !== undefined;
  return { again, inputsLost: again && isMissingInput(code) && count >= policy.missingFailures };
}
