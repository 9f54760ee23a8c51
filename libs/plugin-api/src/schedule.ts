/** A schedule says how much is removed, as a function of progress. */
import type { OptionsOf, OptionsSchema } from './options';

/** What an author writes. */
export interface ScheduleDefinition<S extends OptionsSchema = OptionsSchema> {
  readonly description?: string;
  readonly options?: S;
  /**
   * How far from nothing to the final amount: 0 at the start, 1 at the end, never falling.
   * @param progress share of the pruning phase that has passed, from 0 to 1
   */
  completion(progress: number, options: OptionsOf<S>): number;
}

/** A schedule as the host uses it, its options filled in. */
export interface Schedule {
  readonly name: string;
  readonly version: string;
  completion(progress: number): number | Promise<number>;
}
