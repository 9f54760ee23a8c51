/** The file of bench `other-data`. */
import type { Circumstances } from '../circumstances';
import type { SeedResult } from '../seed-results';

export interface OtherDataRun {
  /** Of the recipe. */
  readonly name: string;
  readonly network: string;
  readonly result: SeedResult;
}

export interface OtherDataResults {
  readonly version: number;
  readonly bench: 'other-data';
  readonly circumstances: Circumstances;
  readonly data: {
    readonly name: string;
    readonly source: string;
    /** SHA-256 of the four files, as they are read: training images, labels, test images, labels. */
    readonly sha256: readonly string[];
  };
  readonly runs: readonly OtherDataRun[];
}
