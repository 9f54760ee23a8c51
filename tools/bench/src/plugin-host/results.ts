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
  /** Calls that failed or never came back. */
  readonly lost: number;
  /** Answers that nobody waited for: each costs the plugin its process. */
  readonly answeredTwice: number;
  /** Rounds whose scores were not all of the version that the round began with. */
  readonly mixedRounds: number;
  /** From the switch, with the new plugin admitted, to its first answer. */
  readonly firstAnswerMs: { readonly p50: number; readonly p99: number; readonly most: number };
  /** Of the host's process, after a collection. */
  readonly residentBytes: { readonly before: number; readonly after: number };
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
}

export interface PluginHostResults extends TimedBench<'plugin-host'> {
  readonly overhead: readonly OverheadRow[];
  readonly calls: CallsRow;
  readonly swaps: SwapsRow;
  readonly hostile: readonly HostileRow[];
}
