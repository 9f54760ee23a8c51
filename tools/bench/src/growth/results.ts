/** What the bench `growth` leaves in docs/results. */
import type { Circumstances } from '../circumstances';

/** `transfer` is of the dense snapshot, the others as a run has them. */
export const GROWTH_STAGES = ['transfer', 'prune', 'share', 'encode', 'decode'] as const;
export type GrowthStage = (typeof GROWTH_STAGES)[number];

export interface GrowthPoint {
  readonly weights: number;
  /** The fastest round. */
  readonly seconds: number;
  /** CPU time of that round: what other work on the machine does not change. */
  readonly cpuSeconds: number;
  /** Most memory that the process held, less what it held before the stage; the least of the rounds. */
  readonly memoryBytes: number;
}

export interface GrowthResults {
  readonly version: number;
  readonly bench: 'growth';
  readonly circumstances: Circumstances;
  readonly keptShare: number;
  readonly bits: number;
  readonly stages: Readonly<Record<GrowthStage, readonly GrowthPoint[]>>;
}
