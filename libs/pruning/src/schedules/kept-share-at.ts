import type { Schedule } from '@espalier/plugin-api';

/**
 * The share of the weights that is kept at this progress: 1 at the start, `finalKeep` at the end. For round r of R,
 * progress is r / R.
 */
export function keptShareAt(schedule: Schedule, finalKeep: number, progress: number): number {
  const completion = schedule.completion(progress);
  // Exactly the share that was asked for at the end, not what rounding leaves of it.
  return completion === 1 ? finalKeep : 1 - (1 - finalKeep) * completion;
}
