import { table } from '@espalier/stages';
import type { DashboardResults, LoadPart, ViewersPart } from '../dashboard/results';
import { digitRows, latencyRows } from './answer-table';
import { integer } from './cells';
import { pageRows } from './page-table';

const KiB = 1024;

/** Between the end of the first minute and the last: what was held from the start has come by then. */
export function growth(perMinute: readonly number[]): number {
  return (perMinute.at(-1) as number) - perMinute[Math.min(1, perMinute.length - 1)];
}

export function dashboardTable(results: DashboardResults): string {
  const { viewers, stream, page, latency, digit } = results;
  const rows = [
    ...(viewers ? viewersRows(viewers) : []),
    ...(stream ? streamRows(stream) : []),
    ...(page ? pageRows(page) : []),
    ...(latency ? latencyRows(latency) : []),
    ...(digit ? digitRows(digit) : []),
  ];
  return [table(['what', 'measured'], rows), '', takenText(results)].join('\n');
}

/** By which commit, when, and under what load each part was measured. */
function takenText({ taken, circumstances: { machine, node } }: DashboardResults): string {
  const parts = Object.entries(taken).map(
    ([
      part,
      {
        circumstances: { code, date },
        load,
      },
    ]) => {
      const loads = load.map((value) => value.toFixed(1)).join(' and ');
      return `${part} at ${code.commit.slice(0, 10)}, ${date}, load ${loads}`;
    },
  );
  return `By \`espalier bench dashboard --part NAME\`: ${parts.join('; ')}. ${machine.cpu}, ${machine.cores} cores, Node ${node}.`;
}

function viewersRows({ viewers, neverRead, pairs, ratio, mostQueuedBytes, pinned }: ViewersPart): string[][] {
  const steps = pairs.map(({ withoutMs }) => withoutMs).sort((a, b) => a - b);
  const cores = pinned ? 'the trainer on a core of its own' : 'all on shared cores';
  return [
    [
      `a step of training under ${viewers} viewers and ${neverRead} that never read, ${cores}`,
      `${signed((ratio - 1) * 100, 1)} % (median of ${pairs.length} pairs; ${steps[Math.floor(steps.length / 2)].toFixed(2)} ms without)`,
    ],
    ['most that the coordinator held for one of them', `${(mostQueuedBytes / KiB).toFixed(0)} KiB`],
  ];
}

function streamRows(part: LoadPart): string[][] {
  const { series, minutes, values, perMinute, buckets, wrong, residentMiB, page, stalled } = part;
  return [
    [
      `${integer(series)} series, ${integer(Math.round(perMinute))} values a minute for ${minutes} min: buckets of a viewer that are not what was told`,
      `${wrong} of ${integer(buckets)} (${integer(values)} values)`,
    ],
    ["the coordinator's memory, from the first minute to the last", fromTo(residentMiB, 0)],
    [
      `a page beside it with sketches of ${integer(page.series)} series: what its scripts, document and arrays hold, the same minutes`,
      fromTo(page.heapMiB, 1),
    ],
    ["the coordinator's processor", `${(part.cpuShare * 100).toFixed(0)} % of a core`],
    [
      'viewers that read nothing for the last 20 s, right after one snapshot',
      `${stalled.right} of ${stalled.viewers}; at most ${(part.mostQueuedBytes / KiB).toFixed(0)} KiB held for one`,
    ],
  ];
}

function fromTo(perMinute: readonly number[], digits: number): string {
  const to = perMinute.at(-1) as number;
  return `${(to - growth(perMinute)).toFixed(digits)} to ${to.toFixed(digits)} MiB`;
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
}
