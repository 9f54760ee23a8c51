import type { PagePart } from '../dashboard/measure-page';
import { pageGoals, pageRows } from './page-table';

const rate = (perSecond: number) => ({
  seconds: 5,
  frames: perSecond * 5,
  perSecond,
  worstMs: 33.4,
  drawings: 200,
});
const part = (zoomed: number, afterKillMs: number): PagePart => ({
  frames: {
    series: 10,
    points: 100_000,
    firstPaintMs: 210,
    firstSeriesMs: 640,
    idle: rate(60),
    move: rate(59),
    zoom: rate(zoomed),
    append: rate(58),
  },
  recovery: { afterKillMs: [900, afterKillMs], afterSleepMs: [1400], sleepSeconds: 60, usualMs: 120 },
});

it('the page has rows for its frames, its first paint and its recoveries', () => {
  expect(pageRows(part(57, 2300)).map(([, measured]) => measured)).toEqual([
    '59 (longest 33 ms), 57 (longest 33 ms), 58 (longest 33 ms)',
    '210 and 640 ms',
    'at most 2.3 s',
    'at most 1.4 s',
  ]);
});

it('its goals look at the slowest and the longest', () => {
  expect(pageGoals(part(57, 2300)).map(({ met, measured }) => [met, measured])).toEqual([
    [true, '57'],
    [true, '0.21 s'],
    [true, '2.3 s'],
  ]);
  expect(pageGoals(part(49, 3100)).map(({ met }) => met)).toEqual([false, true, false]);
});

describe('steps that a page was told', () => {
  const withSteps = (missing: number, double: number): PagePart => {
    const { frames, recovery } = part(57, 2300);
    return { frames, recovery: { ...recovery, steps: { told: 6_500, missing, double } } };
  };

  it('have a row and a goal, which one that is missing or there twice breaks', () => {
    expect(pageRows(withSteps(0, 0)).at(-1)).toEqual([
      'steps that the page lacks, and has twice, after all of those, of 6,500 that were told',
      '0 and 0',
    ]);
    const goal = (missing: number, double: number) => pageGoals(withSteps(missing, double)).at(-1);
    expect(goal(0, 0)).toMatchObject({ measured: '0 missing, 0 twice', met: true });
    expect(goal(1, 0)).toMatchObject({ measured: '1 missing, 0 twice', met: false });
    expect(goal(0, 2)).toMatchObject({ met: false });
  });
});
