/** What a plugin's process may use. */
const MiB = 1024 * 1024;

export interface PluginLimits {
  /** Private memory (`RLIMIT_DATA`) of each of its processes, and of all of them together. */
  readonly memoryBytes: number;
  /** From a call to its answer; a call with many bytes gets `callTimeoutMsPerMiB` on top. */
  readonly callTimeoutMs: number;
  readonly callTimeoutMsPerMiB: number;
  /** From the start of its process to its `plugin.hello`. */
  readonly startTimeoutMs: number;
  /** Calls that it is sent in a second; more wait in the host. */
  readonly callsPerSecond: number;
  /** Messages a second that are no answers: what observers publish. */
  readonly messagesPerSecond: number;
  /** Bytes of one answer, all its tensors. */
  readonly maxAnswerBytes: number;
  readonly maxProcesses: number;
  readonly maxOpenFiles: number;
  /** Calls that wait for its answer at the same time; more wait in the host. */
  readonly maxCallsInFlight: number;
  /** Times that its process is started again in a row, with growing pauses, before it is given up. */
  readonly maxRestarts: number;
  readonly firstPauseMs: number;
}

export const DEFAULT_PLUGIN_LIMITS: PluginLimits = {
  // A layer of AlexNet (37.7 M weights) and its scores are 300 MB, twice that while they travel.
  memoryBytes: 2048 * MiB,
  callTimeoutMs: 30_000,
  callTimeoutMsPerMiB: 100,
  startTimeoutMs: 20_000,
  // Far more than a plugin answers.
  callsPerSecond: 50_000,
  messagesPerSecond: 1_000,
  maxAnswerBytes: 1024 * MiB,
  // Node itself has some ten threads, which count as processes do.
  maxProcesses: 32,
  maxOpenFiles: 256,
  maxCallsInFlight: 256,
  maxRestarts: 3,
  firstPauseMs: 100,
};
