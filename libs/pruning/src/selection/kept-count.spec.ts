import * as fc from 'fast-check';
import { keptCount } from './kept-count';

describe('keptCount', () => {
  it('rounds up, but not what floating point added', () => {
    expect(0.07 * 100).toBeGreaterThan(7);
    expect(keptCount(100, 0.07, 'x')).toBe(7);
    expect(keptCount(235_200, 0.08, 'x')).toBe(18_816);
    expect(keptCount(1000, 0.0011, 'x')).toBe(2);
    expect(keptCount(1000, 0, 'x')).toBe(0);
    expect(keptCount(1000, 1, 'x')).toBe(1000);
  });

  it('gives back n for the share n / size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 138_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (size, share) => {
          const n = Math.floor(share * size);
          expect(keptCount(size, n / size, 'x')).toBe(n);
        },
      ),
    );
  });

  it.each([-0.1, 1.1, NaN, Infinity])('refuses %p and says where', (keep) => {
    expect(() => keptCount(10, keep, '"fc1/kernel"')).toThrow(
      `keep of "fc1/kernel" must be a share from 0 to 1, but it is ${keep}`,
    );
  });
});
