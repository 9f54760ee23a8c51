/** What a service says at the end of a lease, and whether that can be used. Pure. */
import type { StageResult } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';
import type { WireBytes } from './run-events';

export interface StageOutcome {
  readonly leaseId: string;
  readonly key: Digest;
  readonly result: StageResult;
  readonly wire: WireBytes;
  readonly seconds: number;
  readonly cached: boolean;
}

export interface StageFailure {
  readonly leaseId: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** What is wrong with the outcome of the stage under that key; undefined when it is usable. */
export function outcomeProblem(
  { key, result: { outputs, metrics } }: Pick<StageOutcome, 'key' | 'result'>,
  expected: Digest,
): string | undefined {
  if (key !== expected) return 'it is for another stage';
  if (typeof outputs !== 'object' || outputs === null) return 'it has no outputs';
  if (typeof metrics !== 'object' || metrics === null) return 'it has no metrics';
  return Object.values(outputs).every((output) => /^[0-9a-f]{64}$/.test(String(output?.digest)))
    ? undefined
    : 'an output has no digest';
}
