/** A schedule says how much is removed, as a function of progress. */
export interface Schedule {
  readonly name: string;
  readonly version: string;
  /**
   * How far from nothing to the final amount: 0 at the start, 1 at the end, never falling.
   * @param progress share of the pruning phase that has passed, from 0 to 1
   */
  completion(progress: number): number;
}
