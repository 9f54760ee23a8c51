import { decideRound, type FinishedRound } from './decide-round';

const round = (number: number, error: number, kept: number): FinishedRound => ({
  round: number,
  error,
  kept,
});
const dense = round(0, 0.01, 1000);

describe('decideRound', () => {
  it('goes on while the last round is within the budget', () => {
    const history = [dense, round(1, 0.0104, 500), round(2, 0.0105, 250)];
    expect(decideRound(history, { maxErrorIncrease: 0.0005 })).toEqual({
      decision: 'continue',
      round: 2,
      limit: 0.0105,
      reason: '1.05 % is within 1.05 %',
    });
  });

  it('goes back to the best round before when the budget is broken', () => {
    const history = [dense, round(1, 0.009, 500), round(2, 0.0103, 250), round(3, 0.02, 100)];
    expect(decideRound(history, { maxErrorIncrease: 0.0005 })).toMatchObject({
      decision: 'rollback',
      round: 2,
      reason: 'round 3 has 2.00 % error, above 1.05 %: back to round 2',
    });
  });

  it('takes the lower error among rounds with as many weights', () => {
    const history = [dense, round(1, 0.0104, 500), round(2, 0.0101, 500), round(3, 0.5, 10)];
    expect(decideRound(history, { maxError: 0.0105 }).round).toBe(2);
  });

  it('holds to both limits when both are given', () => {
    const history = [dense, round(1, 0.012, 500)];
    expect(decideRound(history, { maxError: 0.02, maxErrorIncrease: 0.001 }).decision).toBe('rollback');
    expect(decideRound(history, { maxError: 0.011, maxErrorIncrease: 0.1 }).decision).toBe('rollback');
    expect(decideRound(history, { maxError: 0.02, maxErrorIncrease: 0.1 }).decision).toBe('continue');
  });

  it('falls back on the dense network when nothing is within the budget', () => {
    expect(decideRound([dense, round(1, 0.02, 500)], { maxError: 0.005 })).toMatchObject({
      decision: 'rollback',
      round: 0,
    });
  });

  it('never stops without a budget', () => {
    const decision = decideRound([dense, round(1, 0.9, 1)], {});
    expect(decision).toEqual({ decision: 'continue', round: 1, reason: 'no budget is set' });
  });

  it('refuses a budget that is no share, and a history without the dense network', () => {
    expect(() => decideRound([dense], { maxErrorIncrease: 5 })).toThrow(
      'PRUNING_BUDGET: the accuracy budget maxErrorIncrease must be a share from 0 to 1, but it is 5.',
    );
    expect(() => decideRound([round(1, 0, 1)], {})).toThrow('PRUNING_HISTORY');
  });
});
