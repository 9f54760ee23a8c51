import { sizeOf } from '@espalier/tensor';
import type { GranularityDefinition } from '../granularity';
import type { ScheduleDefinition } from '../schedule';
import { failedChecks } from './failed-checks';

const WEIGHT: GranularityDefinition = {
  groupCount: (shape) => sizeOf(shape),
  groupsOf: (shape) => Uint32Array.from({ length: sizeOf(shape) }, (_, i) => i),
};
const granularity = (change: Partial<GranularityDefinition>): Promise<string[]> =>
  failedChecks({ granularities: { tried: { ...WEIGHT, ...change } } });

const GROUPS = 'puts each weight into a group, and leaves no group empty';
const ALONE = 'depends on shape and options alone';
const SETS = 'says for each group in which set it competes, and how many of a set stay';
const EXACT = 'removes something by its pattern, and keeps exact counts';

describe('checks of a granularity', () => {
  it('pass for single weights, and for two of four', async () => {
    expect(await granularity({})).toEqual([]);
    const setOf = Uint32Array.from({ length: 4096 }, (_, i) => i >> 2);
    const pattern = (shape: readonly number[]) => ({ setOf: setOf.slice(0, sizeOf(shape)), keep: 2 });
    expect(await granularity({ pattern })).toEqual([]);
  });

  it('find groups out of range, empty ones, and too few numbers', async () => {
    expect(await granularity({ groupCount: (shape) => sizeOf(shape) - 1 })).toContain(GROUPS);
    expect(await granularity({ groupCount: (shape) => sizeOf(shape) + 1 })).toContain(GROUPS);
    expect(await granularity({ groupsOf: () => new Uint32Array(1) })).toContain(GROUPS);
    expect(await granularity({ groupsOf: (shape) => new Uint32Array(sizeOf(shape)) })).toContain(GROUPS);
  });

  it('find an array that is kept and given to everybody', async () => {
    const kept = new Map<string, Uint32Array>();
    const groupsOf = (shape: readonly number[]): Uint32Array => {
      const known = kept.get(shape.join()) ?? WEIGHT.groupsOf(shape, {});
      kept.set(shape.join(), known);
      return known;
    };
    expect(await granularity({ groupsOf })).toContain(ALONE);
  });

  it('find sets without groups, a keep that is none, and a pattern that removes nothing', async () => {
    const setOf = (shape: readonly number[]): Uint32Array =>
      Uint32Array.from({ length: sizeOf(shape) }, (_, i) => i >> 2);
    const gaps = await granularity({
      pattern: (shape) => ({ setOf: setOf(shape).map((set) => 2 * set + 1), keep: 2 }),
    });
    expect(gaps).toContain(SETS);
    expect(await granularity({ pattern: (shape) => ({ setOf: setOf(shape), keep: 0.5 }) })).toContain(SETS);
    expect(await granularity({ pattern: (shape) => ({ setOf: setOf(shape), keep: 4 }) })).toEqual([EXACT]);
  });
});

const schedule = (completion: ScheduleDefinition['completion']): Promise<string[]> =>
  failedChecks({ schedules: { tried: { completion } } });

describe('checks of a schedule', () => {
  it('pass for a straight line', async () => {
    expect(await schedule((progress) => progress)).toEqual([]);
  });

  it('find an end that rounding spoils, a fall, NaN, and chance', async () => {
    expect(await schedule((progress) => progress * 0.999999)).toEqual([
      'is exactly 0 at the start and exactly 1 at the end',
    ]);
    expect(await schedule((progress) => (progress < 1 ? Math.abs(Math.sin(9 * progress)) : 1))).toEqual([
      'never falls',
    ]);
    expect(await schedule((progress) => (progress === 0.5 ? NaN : progress))).toContain(
      'is a finite number from 0 to 1',
    );
    let calls = 0;
    const growing = await schedule((progress) =>
      progress % 1 === 0 ? progress : Math.min(1, ++calls / 1e9),
    );
    expect(growing).toEqual(['depends on progress and options alone']);
  });
});
