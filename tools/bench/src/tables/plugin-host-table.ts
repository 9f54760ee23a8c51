import { table } from '@espalier/stages';
import type { HostileRound, OverheadRow, PluginHostResults } from '../plugin-host/results';
import { integer } from './cells';

const MB = 1e6;

/** The middle call in its own process over the middle one in the host's. */
export function overheadMs({ inProcessMs, ownProcessMs }: OverheadRow): number {
  return median(ownProcessMs) - median(inProcessMs);
}

export function pluginHostTable(results: PluginHostResults): string {
  const { overhead, calls, swaps, hostile, circumstances, load } = results;
  const costs = overhead.map((row) => [
    `a call with ${integer(row.weights)} weights: own process over the host's`,
    `${overheadMs(row).toFixed(1)} ms (${median(row.ownProcessMs).toFixed(1)} over ${median(row.inProcessMs).toFixed(1)})`,
  ]);
  const grown = (swaps.residentBytes.after - swaps.residentBytes.before) / MB;
  const rows = [
    ...costs,
    [
      `calls with ${calls.weights} weights, ${calls.pipelined} under way`,
      `${integer(Math.round(calls.calls / calls.seconds))} a second, ${Math.round(calls.hostCpuUs)} µs of the host's processor each`,
    ],
    [
      `${swaps.swaps} swaps of the plugin, one every ${(swaps.seconds / swaps.swaps).toFixed(2)} s, under ${integer(Math.round(swaps.calls / swaps.seconds))} calls a second`,
      `${swaps.lost} lost, ${swaps.answeredTwice} answered twice, ${swaps.mixedRounds} of ${integer(swaps.rounds)} rounds mixed`,
    ],
    [
      'from the switch to the first answer of the new one',
      `p50 ${swaps.firstAnswerMs.p50.toFixed(1)} ms, p99 ${swaps.firstAnswerMs.p99.toFixed(1)} ms`,
    ],
    ['memory after the swaps over before', `${grown.toFixed(1)} MB`],
  ];
  const withRounds = hostile.some(({ round }) => round !== undefined);
  const harm = hostile.map(({ plugin, code, expected, ms, deadlineMs, peakBytes, capBytes, left, round }) => [
    plugin,
    code === expected ? code : `${code}, not ${expected}`,
    (ms / 1000).toFixed(2),
    (deadlineMs / 1000).toFixed(0),
    `${(peakBytes / MB).toFixed(0)} of ${(capBytes / MB).toFixed(0)}`,
    String(left),
    ...(withRounds ? [roundText(round)] : []),
  ]);
  return [
    table(['what', 'measured'], rows),
    '',
    table(
      [
        'hostile plugin',
        'its call failed with',
        'seconds',
        'deadline',
        'memory, MB',
        'processes left',
        ...(withRounds ? ['round finished by fallback, s'] : []),
      ],
      harm,
    ),
    '',
    `By \`${circumstances.command}\`, ${circumstances.date}; ${circumstances.machine.cpu}, Node ${circumstances.node}; load ${load.map((value) => value.toFixed(1)).join(' and ')}.`,
  ].join('\n');
}

function roundText(round: HostileRound | undefined): string {
  if (!round) return '';
  const seconds = (round.ms / 1000).toFixed(2);
  return round.byFallback
    ? `${seconds} (deadline ${round.deadlineMs / 1000})`
    : `${seconds}, not the fallback's`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
