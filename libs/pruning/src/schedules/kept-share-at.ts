import type { LocalSchedule } from '@espalier/plugin-api';

/**
 * The share of the weights that is kept at this progress: 1 at the start, `finalKeep` at the end. For round r of R,
 * progress is r / R.
 */
export function keptShareAt(schedule: LocalSchedule, finalKeep: number, progress: number): number {
  return keptShareOf(schedule.completion(progress), finalKeep);
}

/** The share kept when so much of the way is done. */
export function keptShareOf(completion: number, finalKeep: number): number {
  // Exactly the share that was asked for at the end, not what rounding leaves of it.
  return completion === 1 ? finalKeep : 1 - (1 - finalKeep) * completion;
}
