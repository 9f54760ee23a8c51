import type { Answer } from './answer';
import { quantile, stepRows } from './step-rows';

const answer = (msEach: number, changes: Partial<Answer> = {}): Answer => ({
  steps: 10,
  ms: 10 * msEach,
  firstLoss: 2,
  version: 'v',
  residentMiB: 100,
  peakMiB: 120,
  ...changes,
});

describe('figures of the peers', () => {
  it('compare times within a round, so that a slow round counts as little as a fast one', () => {
    const rounds = [
      [answer(1), answer(2)],
      [answer(10), answer(20)],
      [answer(2), answer(6)],
    ];
    const [ours, torch] = stepRows(['espalier', 'torch'], rounds[0], rounds);
    expect(ours).toMatchObject({ ms: 2, minMs: 1, maxMs: 10, ratio: 1 });
    expect(torch).toMatchObject({ ms: 6, minMs: 2, maxMs: 20, ratio: 2, lowerRatio: 2, upperRatio: 2.5 });
  });

  it('take the loss of the very first step and the highest peak of memory', () => {
    const first = [answer(1, { firstLoss: 2.3 })];
    const [row] = stepRows(['espalier'], first, [[answer(1)], [answer(1, { peakMiB: 300 })]]);
    expect(row).toMatchObject({ firstLoss: 2.3, peakMiB: 300 });
  });
});

describe('quantile', () => {
  it('lies between the nearest ranks, whatever the order', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
    expect(quantile([10, 0], 0.25)).toBe(2.5);
    expect(quantile([7], 0.9)).toBe(7);
  });
});
