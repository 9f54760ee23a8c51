import * as fc from 'fast-check';
import { keptShareAt } from './kept-share-at';
import { SCHEDULES, scheduleByName } from './schedule-by-name';

const progress = fc.double({ min: 0, max: 1, noNaN: true });

describe.each(Object.entries(SCHEDULES))('%s', (name, schedule) => {
  it('starts at 0, ends at 1 and never falls', () => {
    expect(schedule.name).toBe(name);
    expect(schedule.completion(0)).toBe(0);
    expect(schedule.completion(1)).toBe(1);
    fc.assert(
      fc.property(progress, progress, (a, b) => {
        expect(schedule.completion(Math.min(a, b))).toBeLessThanOrEqual(schedule.completion(Math.max(a, b)));
      }),
    );
  });

  it.each([-0.01, 1.01, NaN])('refuses a progress of %p', (value) => {
    expect(() => schedule.completion(value)).toThrow('PRUNING_PROGRESS');
  });
});

describe('cubic', () => {
  it('follows Zhu & Gupta equation 1 from s_i = 0 to s_f', () => {
    const final = 0.9;
    for (const p of [0, 0.1, 0.25, 0.5, 0.8, 1]) {
      const sparsity = final + (0 - final) * (1 - p) ** 3;
      expect(keptShareAt(scheduleByName('cubic'), 1 - final, p)).toBeCloseTo(1 - sparsity, 12);
    }
  });
});

describe('keptShareAt', () => {
  it('goes from everything to the final share, exactly', () => {
    for (const schedule of Object.values(SCHEDULES)) {
      expect(keptShareAt(schedule, 0.08, 0)).toBe(1);
      expect(keptShareAt(schedule, 0.08, 1)).toBe(0.08);
    }
    expect(keptShareAt(scheduleByName('linear'), 0.2, 0.5)).toBeCloseTo(0.6, 12);
    expect(keptShareAt(scheduleByName('one-shot'), 0.2, 0.01)).toBe(0.2);
  });
});

describe('scheduleByName', () => {
  it('names the nearest when there is none of that name', () => {
    expect(() => scheduleByName('oneshot')).toThrow(
      'there is no schedule called "oneshot"; did you mean "one-shot"?',
    );
  });
});
