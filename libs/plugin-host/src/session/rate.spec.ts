import { Rate } from './rate';

describe('a rate', () => {
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs, nowMs: () => nowMs };

  it('gives a second of it at once, and then as it comes', () => {
    const rate = new Rate(100, clock);
    expect(Array.from({ length: 101 }, () => rate.take()).lastIndexOf(true)).toBe(99);
    nowMs += 20;
    expect([rate.take(), rate.take()]).toEqual([true, false]);
  });

  it('says when what was booked is there: each is later than the one before', () => {
    const rate = new Rate(100, clock);
    const waits = Array.from({ length: 104 }, () => rate.bookMs());
    expect(waits.slice(0, 100).every((wait) => wait === 0)).toBe(true);
    expect(waits.slice(100)).toEqual([10, 20, 30, 40]);
    nowMs += 35;
    expect(rate.bookMs()).toBeCloseTo(15);
    nowMs += 10_000;
    expect(rate.bookMs()).toBe(0);
  });
});
