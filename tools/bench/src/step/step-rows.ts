import type { Answer } from './answer';
import type { StepPeerName } from './cases';
import type { StepRow } from './results';

/**
 * Figures of each peer from its turns. Ratios are taken within a round, where what else the machine does is nearly the
 * same for all.
 *
 * @param first each peer's first turn; its first loss counts, nothing else
 * @param rounds [round][peer]; peer 0 is the one that the others are compared with
 */
export function stepRows(
  peers: readonly StepPeerName[],
  first: readonly Answer[],
  rounds: readonly (readonly Answer[])[],
): StepRow[] {
  const perStep = (answer: Answer): number => answer.ms / answer.steps;
  return peers.map((peer, i) => {
    const times = rounds.map((turn) => perStep(turn[i]));
    const ratios = rounds.map((turn) => perStep(turn[i]) / perStep(turn[0]));
    return {
      peer,
      version: first[i].version,
      ms: quantile(times, 0.5),
      minMs: Math.min(...times),
      maxMs: Math.max(...times),
      ratio: quantile(ratios, 0.5),
      lowerRatio: quantile(ratios, 0.25),
      upperRatio: quantile(ratios, 0.75),
      firstLoss: first[i].firstLoss,
      peakMiB: Math.max(...rounds.map((turn) => turn[i].peakMiB)),
    };
  });
}

/** Linear between the two nearest ranks. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}
