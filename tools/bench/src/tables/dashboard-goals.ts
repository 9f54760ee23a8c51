import type { DashboardResults, LoadPart, ViewersPart } from '../dashboard/results';
import { integer } from './cells';
import { growth } from './dashboard-table';
import type { Goal } from './goals-table';
import { digitGoals, latencyGoals } from './answer-table';
import { pageGoals } from './page-table';

const MiB = 2 ** 20;
const MOST_RATIO = 1.05;
/** More than this and they would not be called flat. */
const MOST_GROWTH_MIB = 48;
const MOST_PAGE_GROWTH_MIB = 5;
const LEAST_PER_MINUTE = 1_000_000;

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
  const { series, perMinute, minutes, wrong, page, stalled, mostQueuedBytes } = part;
  const load = `${integer(series)} series, ${(perMinute / 1e6).toFixed(2)} million values a minute for ${minutes} min`;
  return [
    {
      what: `values a minute of ${integer(series)} series that arrive`,
      goal: 'at least a million',
      measured: integer(Math.round(perMinute)),
      met: perMinute >= LEAST_PER_MINUTE,
    },
    { what: `${load}: lost extremes`, goal: 'none', measured: String(wrong), met: wrong === 0 },
    {
      what: 'the same: memory of the coordinator from the first minute on',
      goal: `at most ${MOST_GROWTH_MIB} MiB more`,
      measured: `${growth(part.residentMiB).toFixed(0)} MiB`,
      met: growth(part.residentMiB) <= MOST_GROWTH_MIB,
    },
    {
      what: `the same: memory of a page that shows ${integer(page.series)} series, from the first minute on`,
      goal: `at most ${MOST_PAGE_GROWTH_MIB} MiB more`,
      measured: `${growth(page.heapMiB).toFixed(1)} MiB`,
      met: page.series === series && growth(page.heapMiB) <= MOST_PAGE_GROWTH_MIB,
    },
    {
      what: 'the same: viewers that read nothing for the last 20 s, right after one snapshot',
      goal: `all, at most 1 MiB held`,
      measured: `${stalled.right} of ${stalled.viewers}, ${(mostQueuedBytes / MiB).toFixed(2)} MiB`,
      met: stalled.right === stalled.viewers && mostQueuedBytes <= MiB,
    },
  ];
}
