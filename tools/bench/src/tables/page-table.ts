/** Rows and goals of what the page itself does. */
import type { PagePart } from '../dashboard/measure-page';
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
  ];
}

function seconds(list: readonly number[]): string {
  return `${(Math.max(...list) / 1000).toFixed(1)} s`;
}
