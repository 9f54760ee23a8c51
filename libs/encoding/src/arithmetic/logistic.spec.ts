import { LOG_ODDS_LIMIT, NAT, SQUASH, STRETCH } from './logistic';

const squash = (x: number): number => SQUASH[x + LOG_ODDS_LIMIT];
const range = (from: number, end: number): number[] => Array.from({ length: end - from }, (_, i) => from + i);

describe('logistic tables', () => {
  it('are the logistic function to within one unit', () => {
    const wrong = range(-LOG_ODDS_LIMIT, LOG_ODDS_LIMIT + 1).filter((x) => {
      const exact = Math.min(65535, Math.max(1, 65536 / (1 + Math.exp(-x / NAT))));
      return Math.abs(squash(x) - exact) > 1;
    });
    expect(wrong).toEqual([]);
  });

  it('rise, and are each others inverse', () => {
    const wrong = range(1, squash(LOG_ODDS_LIMIT)).filter(
      (p) =>
        STRETCH[p] < STRETCH[p - 1] ||
        squash(STRETCH[p]) < p ||
        (STRETCH[p] > -LOG_ODDS_LIMIT && squash(STRETCH[p] - 1) >= p),
    );
    expect(wrong).toEqual([]);
    expect(STRETCH[32768]).toBe(0);
  });

  it('have the bits that every machine must have', () => {
    let hash = 0;
    for (const value of SQUASH) hash = (Math.imul(hash, 31) + value) | 0;
    for (const value of STRETCH) hash = (Math.imul(hash, 31) + value) | 0;
    expect(hash).toBe(385948736);
  });
});
