/** What was to be reached, and what was: a goal that is missed is said to be missed. */
import { table } from '@espalier/stages';
import type { DecodeIdentityResults } from '../decode-identity/results';
import type { SeedsResults } from '../seed-results';
import type { TranscriptResults } from '../transcript';
import { BENCHED, type AllResults } from './all-results';
import { percent, times } from './cells';
import { inferenceGoals } from './inference-goals';
import { kmeansGoals, sizeGoals } from './size-goals';
import { stepGoals } from './step-goals';
import { transferGoals } from './transfer-goals';
import { coderGoals } from './coder-goals';
import { dashboardGoals } from './dashboard-goals';
import { pluginGoals } from './plugin-goals';
import { shippedGoals } from './shipped-goals';

export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Goals of our recipes: dense error and error of the file at most, ratios at least. */
const OWN = {
  'lenet-300-100': { denseError: 0.01, error: 0.016, weights: 35, bytes: 100 },
  'lenet-5': { denseError: 0.0075, error: 0.008, weights: 35, bytes: 100 },
} as const;

/** Goals in the paper's own way: HAN15's dense error, 12 times fewer weights, at most 0.05 points above dense. */
const PAPER = {
  'lenet-300-100': { denseError: 0.0164, weights: 12, increase: 0.0005 },
  'lenet-5': { denseError: 0.008, weights: 12, increase: 0.0005 },
} as const;

/** Goals for the smallest files: error of the file at most, ratio of bytes at least. */
const SMALLEST: Readonly<Record<string, { error: number; bytes: number }>> = {
  'lenet-300-100-smallest': { error: 0.0155, bytes: 250 },
  'lenet-300-100-smallest-330x': { error: 0.0164, bytes: 330 },
  'lenet-5-smallest': { error: 0.0077, bytes: 650 },
};
const SMALLEST_MINUTES = 15;
/** Of the default recipe, by services, from the command to its end. */
const RUN_SECONDS = 180;

export function goalsTable(results: AllResults): string {
  const goals = [
    ...BENCHED.flatMap(({ network, ours, title }) => {
      const measured = results.seeds[ours];
      return measured ? ownGoals(title, OWN[network], measured) : [];
    }),
    ...BENCHED.flatMap(({ network, paper, title }) => {
      const measured = results.seeds[paper];
      return measured ? paperGoals(`${title}, paper's way`, PAPER[network], measured) : [];
    }),
    ...BENCHED.flatMap(({ smallest }) =>
      smallest.flatMap((name) => {
        const measured = results.seeds[name];
        return measured ? smallestGoals(name, SMALLEST[name], measured) : [];
      }),
    ),
    ...(results.wire
      ? [
          {
            what: `pruned snapshot on the wire, ${percent(results.wire.keep, 0)} kept`,
            goal: 'more than 8x fewer bytes',
            measured: times(results.wire.ratio),
            met: results.wire.ratio > 8,
          },
          {
            what: 'the same snapshot once more',
            goal: '0 payload bytes',
            measured: `${results.wire.rows[2].wire.dense + results.wire.rows[2].wire.masked}`,
            met: results.wire.rows[2].wire.dense + results.wire.rows[2].wire.masked === 0,
          },
        ]
      : []),
    ...(results.transfer ? transferGoals(results.transfer) : []),
    ...sameArtifactGoals(results),
    ...(results.transcript ? runGoals(results.transcript) : []),
    ...(results.step ? stepGoals(results.step) : []),
    ...(results.coder ? coderGoals(results.coder) : []),
    ...(results.inference ? inferenceGoals(results.inference) : []),
    ...(results.size ? sizeGoals(results.size) : []),
    ...(results.kmeans ? kmeansGoals(results.kmeans) : []),
    ...(results.pluginHost ? pluginGoals(results.pluginHost) : []),
    ...(results.plugins ? shippedGoals(results.plugins) : []),
    ...(results.dashboard ? dashboardGoals(results.dashboard) : []),
  ];
  if (goals.length === 0) return '_Nothing measured yet._';
  return table(
    ['what', 'goal', 'measured', ''],
    goals.map(({ what, goal, measured, met }) => [what, goal, measured, met ? 'met' : '**missed**']),
  );
}

/** What may happen to a run without changing a bit of its artifact. */
function sameArtifactGoals({ replay, swap, kill, namespaces, decodeIdentity }: AllResults): readonly Goal[] {
  const hit = kill?.runs.reduce((sum, { killed }) => sum + killed.length, 0);
  return [
    ...(replay ? [sameArtifact('a resolved recipe, run again', replay.same)] : []),
    ...(swap
      ? [sameArtifact('a run swapped to another criterion, then to a plugin in Python, run again', swap.met)]
      : []),
    ...(kill ? [sameArtifact(`kill -9 of ${hit} processes, each in the middle of its work`, kill.same)] : []),
    ...(namespaces ? [sameArtifact('each service in a network namespace of its own', namespaces.same)] : []),
    ...(decodeIdentity ? [decodeGoal(decodeIdentity)] : []),
  ];
}

function decodeGoal({ files, programs, same }: DecodeIdentityResults): Goal {
  // `Chromium 156.0.8078.79, without WebAssembly` is Chromium 156, too.
  const names = new Set(programs.map(({ program }) => program.replace(/^(\S+ \d+).*/, '$1')));
  return {
    what: `${files.length} files, decoded by ${[...names].join(', ')}`,
    goal: 'identical weights',
    measured: same ? 'identical' : 'different',
    met: same,
  };
}

function sameArtifact(what: string, same: boolean): Goal {
  return { what, goal: 'the same artifact', measured: same ? 'the same' : 'another', met: same };
}

function ownGoals(
  title: string,
  goal: (typeof OWN)[keyof typeof OWN],
  { summary }: SeedsResults,
): readonly Goal[] {
  return [
    atMost(`${title}: dense error`, goal.denseError, summary.denseError.mean),
    atMost(`${title}: error of the file`, goal.error, summary.error.mean),
    atLeast(`${title}: fewer weights`, goal.weights, summary.weightsRatio.mean),
    atLeast(`${title}: smaller file`, goal.bytes, summary.bytesRatio.mean),
  ];
}

function paperGoals(
  title: string,
  goal: (typeof PAPER)[keyof typeof PAPER],
  { summary, denseSameLength }: SeedsResults,
): readonly Goal[] {
  const dense = denseSameLength?.error.mean;
  const length = denseSameLength ? `dense error after ${denseSameLength.epochs} epochs` : '';
  return [
    ...(dense === undefined ? [] : [atMost(`${title}: ${length}`, goal.denseError, dense)]),
    atLeast(`${title}: fewer weights`, goal.weights, summary.weightsRatio.mean),
    ...(dense === undefined ? [] : [atMost(`${title}: error`, dense + goal.increase, summary.error.mean, 3)]),
  ];
}

function smallestGoals(
  name: string,
  goal: { readonly error: number; readonly bytes: number },
  { summary, seeds }: SeedsResults,
): readonly Goal[] {
  const seconds = summary.seconds?.max;
  return [
    atMost(`${name}, ${seeds.length} seeds: error of the file`, goal.error, summary.error.mean),
    atLeast(`${name}: smaller file`, goal.bytes, summary.bytesRatio.mean),
    ...(seconds === undefined
      ? []
      : [
          {
            what: `${name}: from scratch to the file, slowest seed`,
            goal: `at most ${SMALLEST_MINUTES} min`,
            measured: `${(seconds / 60).toFixed(1)} min`,
            met: seconds <= 60 * SMALLEST_MINUTES,
          },
        ]),
  ];
}

function atMost(what: string, limit: number, measured: number, digits = 2): Goal {
  return {
    what,
    goal: `at most ${percent(limit, digits)}`,
    measured: percent(measured, 3),
    met: measured <= limit,
  };
}

function atLeast(what: string, limit: number, measured: number): Goal {
  return { what, goal: `at least ${limit}x`, measured: times(measured), met: measured >= limit };
}

function runGoals({ recipe, seconds, circumstances }: TranscriptResults): Goal[] {
  if (seconds === undefined) return [];
  return [
    {
      what: `${recipe} by services, from the command to its end, on ${circumstances.machine.cores} cores`,
      goal: `at most ${RUN_SECONDS / 60} min`,
      measured: `${(seconds / 60).toFixed(1)} min`,
      met: seconds <= RUN_SECONDS,
    },
  ];
}
