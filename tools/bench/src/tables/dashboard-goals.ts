import type { DashboardResults, LoadPart, ViewersPart } from '../dashboard/results';
import { integer } from './cells';
import { memoryGrowth } from './dashboard-table';
import type { Goal } from './goals-table';
import { digitGoals, latencyGoals } from './answer-table';
import { pageGoals } from './page-table';

const MiB = 2 ** 20;
const MOST_RATIO = 1.05;
/** More than this and it would not be called flat. */
const MOST_GROWTH_MIB = 48;

export function dashboardGoals({ viewers, stream, page, latency, digit }: DashboardResults): Goal[] {
  return [
    ...(viewers ? viewersGoals(viewers) : []),
    ...(stream ? streamGoals(stream) : []),
    ...(page ? pageGoals(page) : []),
    ...(latency ? latencyGoals(latency) : []),
    ...(digit ? digitGoals(digit) : []),
  ];
}

function viewersGoals({ viewers, neverRead, ratio, mostQueuedBytes }: ViewersPart): Goal[] {
  const who = `${viewers} viewers and ${neverRead} that never read`;
  return [
    {
      what: `a step of training under ${who}`,
      goal: 'at most 5 % longer',
      measured: `${((ratio - 1) * 100).toFixed(1)} %`,
      met: ratio <= MOST_RATIO,
    },
    {
      what: `held for one of ${who}`,
      goal: 'at most 1 MiB',
      measured: `${(mostQueuedBytes / MiB).toFixed(2)} MiB`,
      met: mostQueuedBytes <= MiB,
    },
  ];
}

function streamGoals(part: LoadPart): Goal[] {
  const { series, perMinute, minutes, wrong, stalled, mostQueuedBytes } = part;
  const load = `${integer(series)} series, ${(perMinute / 1e6).toFixed(2)} million values a minute for ${minutes} min`;
  return [
    { what: `${load}: lost extremes`, goal: 'none', measured: String(wrong), met: wrong === 0 },
    {
      what: 'the same: memory of the coordinator from the first minute on',
      goal: `at most ${MOST_GROWTH_MIB} MiB more`,
      measured: `${memoryGrowth(part).toFixed(0)} MiB`,
      met: memoryGrowth(part) <= MOST_GROWTH_MIB,
    },
    {
      what: 'the same: viewers that read nothing for the last 20 s, right after one snapshot',
      goal: `all, at most 1 MiB held`,
      measured: `${stalled.right} of ${stalled.viewers}, ${(mostQueuedBytes / MiB).toFixed(2)} MiB`,
      met: stalled.right === stalled.viewers && mostQueuedBytes <= MiB,
    },
  ];
}
