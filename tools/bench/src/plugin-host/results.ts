import type { TimedBench } from '../circumstances';

/** A criterion in a process of its own beside the same in the host's. */
export interface OverheadRow {
  readonly weights: number;
  /** Milliseconds of each call, in turns. */
  readonly inProcessMs: readonly number[];
  readonly ownProcessMs: readonly number[];
}

export interface CallsRow {
  readonly weights: number;
  /** Calls that are under way at the same time. */
  readonly pipelined: number;
  readonly calls: number;
  readonly seconds: number;
  /** Processor time of the host's process for one call, microseconds. */
  readonly hostCpuUs: number;
}

export interface SwapsRow {
  readonly swaps: number;
  readonly callsPerRound: number;
  readonly rounds: number;
  /** Answered, in rounds that count. */
  readonly calls: number;
  readonly seconds: number;
  /** Calls whose number no answer brought back, in all rounds, those before the measured swaps too. */
  readonly lost: number;
  /** Answers beyond the first of a number. */
  readonly answeredTwice: number;
  /** Calls without answer of rounds that were begun anew. Absent, like `restarts`, in results from before calls had numbers. */
  readonly calledOff?: number;
  /** Processes that were started again: what an answer that nobody waits for would cost the plugin. */
  readonly restarts?: number;
  /** Rounds whose scores were not all of the version that the round began with. */
  readonly mixedRounds: number;
  /** From the switch, with the new plugin admitted, to its first answer. */
  readonly firstAnswerMs: { readonly p50: number; readonly p99: number; readonly most: number };
  /** Of the host's process, after a collection. */
  readonly residentBytes: { readonly before: number; readonly after: number };
}

/** A round of a prune stage by its criterion, with one of ours as fallback. */
export interface HostileRound {
  /** From the beginning of the stage, the plugin admitted before, to its end. */
  readonly ms: number;
  /** Of a call. */
  readonly deadlineMs: number;
  /** Was it the fallback's, to the last bit? */
  readonly byFallback: boolean;
  /** Why, as the run's log has it. */
  readonly failure: string;
}

export interface HostileRow {
  readonly plugin: string;
  readonly expected: string;
  readonly code: string;
  readonly deadlineMs: number;
  readonly ms: number;
  readonly peakBytes: number;
  readonly capBytes: number;
  /** Processes that were left. */
  readonly left: number;
  /** Absent in results from before it was measured. */
  readonly round?: HostileRound;
}

export interface PluginHostResults extends TimedBench<'plugin-host'> {
  readonly overhead: readonly OverheadRow[];
  readonly calls: CallsRow;
  readonly swaps: SwapsRow;
  readonly hostile: readonly HostileRow[];
}
