/** Goals of plugins in processes of their own: what they cost, swaps under load, and plugins that do harm. */
import type { HostileRow, OverheadRow, PluginHostResults, SwapsRow } from '../plugin-host/results';
import { integer } from './cells';
import type { Goal } from './goals-table';
import { overheadMs } from './plugin-host-table';

const MB = 1e6;
/** By weights of the layer, milliseconds. */
const MOST_OVERHEAD_MS: Readonly<Record<number, number>> = { 266_200: 15, 61_000_000: 1_500 };
const LEAST_CALLS = 5_000;
const MOST_FIRST_ANSWER_MS = 500;
const MOST_GROWTH_MB = 20;
const MOST_LATE_MS = 1_000;
const MOST_OF_CAP = 1.1;

export function pluginGoals({ overhead, swaps, hostile }: PluginHostResults): Goal[] {
  return [
    ...overhead.flatMap(overheadGoal),
    ...swapGoals(swaps),
    hostileGoal(hostile),
    ...roundGoal(hostile),
  ];
}

function overheadGoal(row: OverheadRow): readonly Goal[] {
  const most = MOST_OVERHEAD_MS[row.weights];
  if (most === undefined) return [];
  const added = overheadMs(row);
  return [
    {
      what: `scores of ${integer(row.weights)} weights by a plugin in a process of its own, over those in the host's`,
      goal: `at most ${integer(most)} ms more`,
      measured: `${added.toFixed(added < 100 ? 1 : 0)} ms`,
      met: added <= most,
    },
  ];
}

function swapGoals(swaps: SwapsRow): readonly Goal[] {
  const { lost, answeredTwice, mixedRounds, restarts = 0, firstAnswerMs, residentBytes } = swaps;
  const calls = swaps.calls / swaps.seconds;
  const grown = (residentBytes.after - residentBytes.before) / MB;
  const same = `the same ${swaps.swaps} swaps`;
  return [
    {
      what: `${swaps.swaps} swaps of a plugin under calls: calls a second`,
      goal: `at least ${integer(LEAST_CALLS)}`,
      measured: integer(Math.round(calls)),
      met: calls >= LEAST_CALLS,
    },
    {
      what: `${same}: calls lost, answered twice, rounds of mixed versions`,
      goal: 'none',
      measured: `${lost}, ${answeredTwice}, ${mixedRounds} of ${integer(swaps.rounds)}${restarts > 0 ? `; ${restarts} processes begun anew` : ''}`,
      met: lost + answeredTwice + mixedRounds + restarts === 0,
    },
    {
      what: `${same}: from the switch to the first answer, p99`,
      goal: `at most ${MOST_FIRST_ANSWER_MS} ms`,
      measured: `${firstAnswerMs.p99.toFixed(0)} ms`,
      met: firstAnswerMs.p99 <= MOST_FIRST_ANSWER_MS,
    },
    {
      what: `${same}: memory of the host`,
      goal: `at most ${MOST_GROWTH_MB} MB more`,
      measured: `${grown.toFixed(1)} MB`,
      met: grown <= MOST_GROWTH_MB,
    },
  ];
}

function hostileGoal(hostile: readonly HostileRow[]): Goal {
  const held = hostile.filter(isHeld).length;
  return {
    what: 'hostile plugins: the named error in time, memory within the cap, no process left',
    goal: 'all',
    measured: `${held} of ${hostile.length}`,
    met: held === hostile.length,
  };
}

function isHeld({ code, expected, ms, deadlineMs, peakBytes, capBytes, left }: HostileRow): boolean {
  return (
    code === expected && ms <= deadlineMs + MOST_LATE_MS && peakBytes <= MOST_OF_CAP * capBytes && left === 0
  );
}

function roundGoal(hostile: readonly HostileRow[]): readonly Goal[] {
  const rounds = hostile.flatMap(({ round }) => (round ? [round] : []));
  if (rounds.length === 0) return [];
  const held = rounds.filter(
    ({ ms, deadlineMs, byFallback }) => byFallback && ms <= deadlineMs + MOST_LATE_MS,
  ).length;
  const slowest = Math.max(...rounds.map(({ ms }) => ms)) / 1000;
  return [
    {
      what: 'hostile plugins: a round of theirs is finished by the fallback, to its bits, within the deadline of a call + 1 s',
      goal: 'all',
      measured: `${held} of ${rounds.length}, the slowest in ${slowest.toFixed(2)} s`,
      met: held === rounds.length,
    },
  ];
}
