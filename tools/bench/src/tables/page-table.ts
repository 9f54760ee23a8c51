/** Rows and goals of what the page itself does. */
import type { PagePart } from '../dashboard/measure-page';
import type { KeptSteps } from '../dashboard/page-recovery-series';
import { integer } from './cells';
import type { Goal } from './goals-table';

const LEAST_FRAMES = 50;
const MOST_PAINT_MS = 1_000;
const MOST_RECOVERY_MS = 3_000;

export function pageRows({ frames, recovery }: PagePart): string[][] {
  const { move, zoom, append } = frames;
  const rate = ({ perSecond, worstMs }: typeof move): string =>
    `${perSecond.toFixed(0)} (longest ${worstMs.toFixed(0)} ms)`;
  return [
    [
      `frames a second with ${integer(frames.points)} points of ${frames.series} series in view: moved, zoomed, appended to`,
      [move, zoom, append].map(rate).join(', '),
    ],
    [
      'from navigation to the first text, and to those series drawn',
      `${frames.firstPaintMs.toFixed(0)} and ${frames.firstSeriesMs.toFixed(0)} ms`,
    ],
    [
      `the page is right again after its coordinator was killed, from when that answers (${recovery.afterKillMs.length} times)`,
      `at most ${seconds(recovery.afterKillMs)}`,
    ],
    [
      `after ${recovery.sleepSeconds} s of sleep in which its connection died, from waking (${recovery.afterSleepMs.length} times)`,
      `at most ${seconds(recovery.afterSleepMs)}`,
    ],
    ...(recovery.steps
      ? [
          [
            `steps that the page lacks, and has twice, after all of those, of ${integer(recovery.steps.told)} that were told`,
            `${integer(recovery.steps.missing)} and ${integer(recovery.steps.double)}`,
          ],
        ]
      : []),
  ];
}

export function pageGoals({ frames, recovery }: PagePart): Goal[] {
  const slowest = Math.min(frames.move.perSecond, frames.zoom.perSecond, frames.append.perSecond);
  const longest = Math.max(...recovery.afterKillMs, ...recovery.afterSleepMs);
  return [
    {
      what: `frames a second, ${integer(frames.points)} points of ${frames.series} series in view, moved, zoomed or appended to`,
      goal: `at least ${LEAST_FRAMES}`,
      measured: slowest.toFixed(0),
      met: slowest >= LEAST_FRAMES,
    },
    {
      what: 'the same: first paint after navigation',
      goal: 'at most 1 s',
      measured: `${(frames.firstPaintMs / 1000).toFixed(2)} s`,
      met: frames.firstPaintMs <= MOST_PAINT_MS,
    },
    {
      what: 'the page is right again after a killed coordinator or a slept laptop',
      goal: 'within 3 s',
      measured: `${(longest / 1000).toFixed(1)} s`,
      met: longest <= MOST_RECOVERY_MS,
    },
    ...(recovery.steps ? [stepsGoal(recovery.steps)] : []),
  ];
}

function stepsGoal({ told, missing, double }: KeptSteps): Goal {
  return {
    what: `after those it has each of ${integer(told)} steps that were told once`,
    goal: 'none missing, none twice',
    measured: `${integer(missing)} missing, ${integer(double)} twice`,
    met: missing === 0 && double === 0,
  };
}

function seconds(list: readonly number[]): string {
  return `${(Math.max(...list) / 1000).toFixed(1)} s`;
}
