import { lineDensities, octaves } from './octaves';

describe('octaves', () => {
  it('are 16 times the logarithm to base 2, rounded down, of every size of number', () => {
    for (const value of [1, 2, 3, 5, 7, 64, 100, 1000, 65535, 65536, 2 ** 31, 2 ** 32 - 1]) {
      const exact = 16 * Math.log2(value);
      expect(octaves(value)).toBeLessThanOrEqual(exact + 1e-9);
      expect(octaves(value)).toBeGreaterThan(exact - 1.02);
    }
  });

  it('say how full a line is beside the mean of those that are alive', () => {
    expect([...lineDensities(Int32Array.of(4, 0, 8, 2, 2), { all: 16, live: 4 })]).toEqual([
      0, 0, 16, -16, -16,
    ]);
  });
});
