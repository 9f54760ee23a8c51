/** What every schedule promises (libs/plugin-api/src/schedule.ts). Call it within a spec, with any schedule. */
import type { LocalSchedule } from '@espalier/plugin-api';
import { keptShareAt } from '@espalier/pruning';
import fc from 'fast-check';

const share = (): fc.Arbitrary<number> => fc.double({ min: 0, max: 1, noNaN: true });

export function describeSchedule(schedule: LocalSchedule): void {
  describe(`schedule ${schedule.name}`, () => {
    it('says its name and version', () => {
      expect(schedule.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(schedule.version).not.toBe('');
    });

    it('goes from exactly 0 to exactly 1', () => {
      expect([schedule.completion(0), schedule.completion(1)]).toEqual([0, 1]);
    });

    it('never falls, and stays between', () => {
      fc.assert(
        fc.property(share(), share(), (a, b) => {
          const [before, after] = [Math.min(a, b), Math.max(a, b)].map((at) => schedule.completion(at));
          expect(before).toBeGreaterThanOrEqual(0);
          expect(after).toBeGreaterThanOrEqual(before);
          expect(after).toBeLessThanOrEqual(1);
        }),
      );
    });

    it('ends a pruning at exactly the share that was asked for', () => {
      for (const keep of [0.07, 0.1, 1 / 3, 1]) expect(keptShareAt(schedule, keep, 1)).toBe(keep);
    });

    it('refuses a progress that is none', () => {
      for (const progress of [-0.1, 1.1, NaN]) expect(() => schedule.completion(progress)).toThrow();
    });
  });
}
