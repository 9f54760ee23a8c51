/** What the bench `transfer` leaves in docs/results. */
import type { TimedBench } from '../circumstances';
import type { Way } from './ways';

export interface TransferTime {
  readonly seconds: number;
  /** The most above idle, the payload that the receiver keeps not counted. */
  readonly ownerBytes: number;
  readonly receiverBytes: number;
  /** User and system time of all threads. */
  readonly ownerCpuSeconds: number;
  readonly receiverCpuSeconds: number;
  /** NATS: what the owner took beforehand; not in `seconds`. */
  readonly putSeconds?: number;
}

export interface TransferRow {
  readonly way: Way;
  readonly version: string;
  readonly times: readonly TransferTime[];
  /** Of the median time. */
  readonly mibPerSecond: number;
  /** Medians over the rounds of this way's speed by that of raw TCP in the same round. */
  readonly byBareTcp: number;
  readonly byTcp: number;
  /** Of both sides together, median. */
  readonly cpuSeconds: number;
  /** The largest of all rounds. */
  readonly ownerMiB: number;
  readonly receiverMiB: number;
}

export interface TransferResults extends TimedBench<'transfer'> {
  readonly mib: number;
  readonly repeats: number;
  readonly rows: readonly TransferRow[];
}
