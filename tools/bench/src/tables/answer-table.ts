/** Rows and goals of how soon the page shows what happens: an event at the trainer, a digit that was drawn. */
import type { PageDigit } from '../dashboard/page-digit';
import type { PageLatency } from '../dashboard/page-latency';
import { integer } from './cells';
import type { Goal } from './goals-table';

const MOST_P50_MS = 100;
const MOST_P99_MS = 250;
const MOST_ANSWER_MS = 5;
const MOST_DIFFERENCE = 1e-5;

const pair = (p50Ms: number, p99Ms: number, digits = 0): string =>
  `${p50Ms.toFixed(digits)} and ${p99Ms.toFixed(digits)} ms`;

export function latencyRows({ events, seconds, p50Ms, p99Ms, mostMs }: PageLatency): string[][] {
  return [
    [
      `from an event at the trainer to the pixel that shows it, p50 and p99 of ${integer(events)} events in ${seconds} s`,
      `${pair(p50Ms, p99Ms)}; at most ${mostMs.toFixed(0)} ms`,
    ],
  ];
}

export function digitRows({ digits, p50Ms, p99Ms, mostMs, largestDifference }: PageDigit): string[][] {
  return [
    [
      `from the lifting of the pen to the answer in the page, p50 and p99 of ${digits} digits`,
      `${pair(p50Ms, p99Ms, 1)}; at most ${mostMs.toFixed(1)} ms`,
    ],
    [
      "their logits beside Node's, relative to the largest",
      `at most ${largestDifference.toExponential(1)} off`,
    ],
  ];
}

export function latencyGoals({ p50Ms, p99Ms }: PageLatency): Goal[] {
  return [
    {
      what: 'from an event at the trainer to the pixel, p50 and p99',
      goal: `at most ${pair(MOST_P50_MS, MOST_P99_MS)}`,
      measured: pair(p50Ms, p99Ms),
      met: p50Ms <= MOST_P50_MS && p99Ms <= MOST_P99_MS,
    },
  ];
}

export function digitGoals({ p50Ms, p99Ms, largestDifference }: PageDigit): Goal[] {
  return [
    {
      what: 'a digit that was drawn in the page: from the lifting of the pen to the answer, p50 and p99',
      goal: `at most ${MOST_ANSWER_MS} ms`,
      measured: pair(p50Ms, p99Ms, 1),
      met: p99Ms <= MOST_ANSWER_MS,
    },
    {
      what: "its logits beside Node's",
      goal: `to ${MOST_DIFFERENCE.toExponential(0)}`,
      measured: largestDifference.toExponential(1),
      met: largestDifference <= MOST_DIFFERENCE,
    },
  ];
}
