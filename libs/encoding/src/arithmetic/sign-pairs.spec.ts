import { Random } from '@espalier/base';
import { LOG_ODDS_LIMIT } from './logistic';
import { SignPairs, VOTERS, placesOf, voteStep } from './sign-pairs';

/** One line: the signs (1, -1; 0 = removed) of its places; returns what was said of each before it was known. */
function lineOf(pairs: SignPairs, signs: readonly number[]): number[] {
  pairs.startLine();
  return signs.map((sign, place) => {
    const odds = pairs.odds(place);
    if (sign !== 0) pairs.add(place, sign > 0 ? 1 : 0);
    return odds;
  });
}

describe('signs from pairs of weights', () => {
  it('say nothing at first, and then what two places agreed on or opposed', () => {
    const pairs = new SignPairs(3);
    expect(lineOf(pairs, [1, 1, -1])).toEqual([0, 0, 0]);
    for (let i = 0; i < 20; i++) lineOf(pairs, i % 2 ? [1, 1, -1] : [-1, -1, 1]);
    const [first, second, third] = lineOf(pairs, [-1, -1, 1]);
    expect(first).toBe(0);
    expect(second).toBeLessThan(-400);
    expect(third).toBeGreaterThan(800);
  });

  it('leave removed weights out of account', () => {
    const pairs = new SignPairs(2);
    for (let i = 0; i < 20; i++) lineOf(pairs, [0, 1]);
    expect(lineOf(pairs, [1, 1])[1]).toBe(0);
  });

  it('follow a source that changes, and stay within what a probability can say', () => {
    const pairs = new SignPairs(70);
    const ones = new Array<number>(70).fill(1);
    for (let i = 0; i < 300; i++) lineOf(pairs, ones);
    expect(lineOf(pairs, ones)[69]).toBe(LOG_ODDS_LIMIT);
    const turned = ones.map((_, place) => (place === 69 ? -1 : 1));
    for (let i = 0; i < 300; i++) lineOf(pairs, turned);
    expect(lineOf(pairs, turned)[69]).toBeLessThan(0);
  });

  it('ask only the nearest voters of a full line', () => {
    const size = VOTERS + 50;
    const [near, all] = [new SignPairs(size), new SignPairs(size)];
    const random = new Random(3);
    for (let i = 0; i < 40; i++) {
      const signs = Array.from({ length: size }, () => (random.uniform() < 0.5 ? 1 : -1));
      const last = signs.map((sign, place) => (place < size - 1 - VOTERS ? -sign : sign));
      expect(lineOf(near, signs)[size - 1]).toBe(lineOf(all, last)[size - 1]);
    }
  });

  it('are left out beyond 4096 places', () => {
    expect([placesOf(4096), placesOf(4097)]).toEqual([4096, 0]);
    const none = new SignPairs(0);
    expect(lineOf(none, [1, 1, -1])).toEqual([0, 0, 0]);
  });

  it('have contexts that rise with the odds', () => {
    const steps = [-LOG_ODDS_LIMIT, -100, -32, -1, 0, 31, 32, 500, LOG_ODDS_LIMIT].map(voteStep);
    expect(steps).toEqual([0, 12, 14, 15, 16, 16, 17, 31, 31]);
  });
});
