/** Swaps of a criterion's plugin between two versions while rounds of calls go on without a pause. */
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  CriterionSlot,
  type CriterionChoice,
  type HostedCriterion,
  type PluginHost,
} from '@espalier/plugin-host';
import { CallLedger } from './call-ledger';
import { scoreOf } from './measure-calls';
import type { SwapsRow } from './results';

export interface SwapsOptions {
  /** Of both versions. */
  readonly folders: readonly [string, string];
  readonly swaps: number;
  readonly callsPerRound: number;
  /** Rounds that are under way at the same time. */
  readonly lanes: number;
  readonly weights: number;
  /** From the beginning of one swap to that of the next, at least. */
  readonly everyMs: number;
  onSwap(done: number): void;
}

/** Before memory is measured: the host's own code is compiled, its pools have grown. */
const WARM_SWAPS = 10;
const DRAIN_MS = 5_000;

export async function measureSwaps(host: PluginHost, options: SwapsOptions): Promise<SwapsRow> {
  const { folders, swaps, callsPerRound, lanes } = options;
  const choose = async (version: number): Promise<CriterionChoice> => ({
    plugin: await host.load({ from: folders[version - 1] }),
    name: 'mine',
  });
  const slot = new CriterionSlot(await choose(1));
  const weights = new Float32Array(options.weights).fill(-1);
  const ledger = new CallLedger();
  const counts = { rounds: 0, calls: 0, mixed: 0 };
  const firstAnswers: number[] = [];
  let switched: { readonly version: string; readonly atMs: number } | undefined;
  let going = true;

  /** The first weight is the call's number, the others -1; scores are magnitudes and the version. */
  const ask = async (criterion: HostedCriterion, number: number): Promise<number> => {
    const numbered = weights.slice();
    numbered[0] = -number;
    const scores = await scoreOf(criterion, numbered);
    const version = scores[1] - 1;
    ledger.answer(scores[0] - version);
    return version;
  };
  const oneRound = async (): Promise<void> => {
    let asked: readonly number[] = [];
    const scored = await slot.round(async ({ criterion, ref }) => {
      const version = ref.plugin?.version ?? '?';
      // Begun anew: nobody waits for what was asked before.
      ledger.callOff(asked);
      asked = Array.from({ length: callsPerRound }, () => ledger.ask());
      const answers = await Promise.all(
        asked.map(async (number) => {
          const answer = await ask(criterion, number);
          if (switched?.version === version) {
            firstAnswers.push(performance.now() - switched.atMs);
            switched = undefined;
          }
          return answer;
        }),
      );
      return { version, answers };
    });
    counts.rounds++;
    counts.calls += scored.answers.length;
    if (!scored.answers.every((answer) => `${answer}.0.0` === scored.version)) counts.mixed++;
  };
  const lane = async (): Promise<void> => {
    // What a round lost that failed is in the ledger.
    while (going) await oneRound().catch(() => undefined);
  };
  const running = Array.from({ length: lanes }, lane);

  let restarts = 0;
  let before = 0;
  let [from, callsFrom, roundsFrom] = [0, 0, 0];
  for (let done = -WARM_SWAPS; done < swaps; done++) {
    if (done === 0) {
      before = await residentBytes();
      firstAnswers.length = 0;
      [from, callsFrom, roundsFrom] = [performance.now(), counts.calls, counts.rounds];
    }
    const next = Math.abs(done) % 2 === 0 ? 2 : 1;
    const begunMs = performance.now();
    let loaded: CriterionChoice | undefined;
    await slot.swap(async () => (loaded = await choose(next)), {
      drainMs: DRAIN_MS,
      onSwitched: (to) => {
        switched = { version: to.plugin?.version ?? '?', atMs: performance.now() };
      },
    });
    // The answer that is waited for may take longer than the old plugin's end.
    while (switched !== undefined) await new Promise(setImmediate);
    restarts += loaded?.plugin.statistics.restarts ?? 0;
    await pause(Math.max(0, begunMs + options.everyMs - performance.now()));
    if (done >= 0) options.onSwap(done + 1);
  }
  const seconds = (performance.now() - from) / 1000;
  const [calls, rounds] = [counts.calls - callsFrom, counts.rounds - roundsFrom];
  going = false;
  await Promise.all(running);
  const after = await residentBytes();
  const { lost, twice, calledOff } = ledger.totals();
  return {
    swaps,
    callsPerRound,
    rounds,
    calls,
    seconds,
    lost,
    answeredTwice: twice,
    calledOff,
    restarts,
    mixedRounds: counts.mixed,
    firstAnswerMs: {
      p50: quantile(firstAnswers, 0.5),
      p99: quantile(firstAnswers, 0.99),
      most: Math.max(...firstAnswers),
    },
    residentBytes: { before, after },
  };
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** After V8 has collected what nobody holds: the least of a few looks. */
async function residentBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let least = Infinity;
  for (let look = 0; look < 5; look++) {
    collect();
    await pause(100);
    least = Math.min(least, process.memoryUsage().rss);
  }
  return least;
}
