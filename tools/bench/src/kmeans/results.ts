/** What the bench `kmeans` leaves in docs/results. */
import type { Circumstances } from '../circumstances';

export interface KmeansTime {
  /** Of the process, all threads. */
  readonly cpuSeconds: number;
  readonly seconds: number;
}

export interface KmeansRow extends KmeansTime {
  readonly weights: number;
  /** Most memory held beside the weights and the process itself, bytes. */
  readonly memoryBytes: number;
}

export interface KmeansPeer {
  readonly weights: number;
  readonly version: string;
  readonly ours: KmeansTime;
  readonly peer: KmeansTime;
  readonly peerIterations: number;
  /** Largest difference between a centroid of ours and one of the peer's, relative to the spread of the weights. */
  readonly centroidDifference: number;
  /** Squared error of ours less that of the peer, relative to the peer's. */
  readonly errorDifference: number;
}

export interface KmeansResults {
  readonly version: number;
  readonly bench: 'kmeans';
  readonly circumstances: Circumstances;
  readonly bits: number;
  /** Each the fastest of so many. */
  readonly rounds: number;
  readonly rows: readonly KmeansRow[];
  readonly peer?: KmeansPeer;
}
