/** Error against how few weights are left: which rounds no other beats in both, and where they stand. Pure. */
import type { RoundView } from '@espalier/protocol/view';

export interface FrontPoint {
  readonly round: RoundView;
  /** 0 to 1 from the left, and from above. */
  readonly x: number;
  readonly y: number;
  readonly best: boolean;
}

export interface FrontScale {
  /** Weights / kept weights; the axis is logarithmic. */
  readonly fromRatio: number;
  readonly toRatio: number;
  readonly fromError: number;
  readonly toError: number;
}

/** Of the test images, or of those held out where the test set has not been looked at. */
export function roundError({ testError, heldOutError }: RoundView): number | undefined {
  return testError ?? heldOutError;
}

/** Room for all of these errors and ratios, and for the dense network at ratio 1. */
export function frontScale(rounds: readonly RoundView[], denseError: number | undefined): FrontScale {
  const errors = [...rounds.map(roundError), denseError].filter((error) => error !== undefined);
  const highest = Math.max(0.001, ...errors);
  const lowest = errors.length === 0 ? 0 : Math.min(...errors);
  const room = Math.max((highest - lowest) * 0.12, highest * 0.05);
  return {
    fromRatio: 0.9,
    toRatio: Math.max(2, ...rounds.map(({ ratio }) => ratio)) * 1.2,
    fromError: Math.max(0, lowest - room),
    toError: highest + room,
  };
}

export function placeRatio(ratio: number, { fromRatio, toRatio }: FrontScale): number {
  return Math.log(ratio / fromRatio) / Math.log(toRatio / fromRatio);
}

export function placeError(error: number, { fromError, toError }: FrontScale): number {
  return 1 - (error - fromError) / (toError - fromError);
}

/** In the order of their ratios. */
export function frontPoints(rounds: readonly RoundView[], scale: FrontScale): readonly FrontPoint[] {
  const known = rounds.flatMap((round) => {
    const error = roundError(round);
    return error === undefined ? [] : [{ round, error }];
  });
  return known
    .map(({ round, error }) => ({
      round,
      x: placeRatio(round.ratio, scale),
      y: placeError(error, scale),
      best: !known.some(
        (other) =>
          other.round.ratio >= round.ratio &&
          other.error <= error &&
          (other.round.ratio > round.ratio || other.error < error),
      ),
    }))
    .sort((a, b) => a.x - b.x);
}
