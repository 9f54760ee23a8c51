/** What the bench `step` leaves in docs/results. */
import type { TimedBench } from '../circumstances';
import type { StepPeerName } from './cases';

export interface StepRow {
  readonly peer: StepPeerName;
  readonly version: string;
  /** Milliseconds a step: the median of the rounds, and their extremes. */
  readonly ms: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Its time over ours, in the same round: the median of the rounds, and their quartiles. */
  readonly ratio: number;
  readonly lowerRatio: number;
  readonly upperRatio: number;
  /** Loss of the very first step, the same weights and samples for all. */
  readonly firstLoss: number;
  /** Most resident memory of the process, MiB. */
  readonly peakMiB: number;
}

export interface StepCaseResults {
  readonly name: string;
  readonly batch: number;
  readonly rows: readonly StepRow[];
}

export interface StepResults extends TimedBench<'step'> {
  readonly threads: number;
  readonly rounds: number;
  readonly cases: readonly StepCaseResults[];
  readonly leak?: {
    readonly name: string;
    readonly steps: number;
    /** Resident memory after the steps less before them, MiB. */
    readonly growthMiB: number;
  };
}
