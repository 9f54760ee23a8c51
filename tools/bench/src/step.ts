#!/usr/bin/env node
/** Bench `step`: milliseconds of a masked training step beside PyTorch and TensorFlow.js, in turns; memory, and whether it grows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchMain, note, wholeNumber, type BenchValues } from './bench-main';
import { circumstances } from './circumstances';
import { benchError } from './errors';
import { peerPython } from './inference/peers';
import { RESULTS_FOLDER } from './places';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import type { Answer } from './step/answer';
import { writeCaseFiles } from './step/case-files';
import { CASES, quickCase, type StepCase } from './step/cases';
import { StepPeer } from './step/peer-process';
import type { StepCaseResults, StepResults, StepRow } from './step/results';
import { stepRows } from './step/step-rows';
import { stepTable } from './tables/step-table';
import { timeLeft } from './time-left';

const USAGE = `espalier bench step [options]
  --case NAME       LeNet-300-100, LeNet-5 or AlexNet; default: all
  --rounds 9        each process in turn, so often; medians count
  --threads N       default: the number of cores
  --leak-steps 20000  steps of the first case after which resident memory is compared; 0 leaves it out
  --quick           turns of a tenth of the time, 2 rounds, no comparison of memory; nothing is written
  --out FILE        default: docs/results/step.json, or none for a single case`;

/** Before memory is compared: caches of allocators are full by then. */
const LEAK_WARM_UP = 3000;

interface Setting {
  readonly folder: string;
  readonly python: string;
  readonly rounds: number;
  readonly threads: number;
}

async function run(values: BenchValues, args: readonly string[]): Promise<StepResults> {
  const quick = values['quick'] === true;
  const rounds = wholeNumber(values, 'rounds', quick ? 2 : 9);
  const threads = wholeNumber(values, 'threads', cpus().length);
  const leakSteps = quick ? 0 : Number(values['leak-steps'] ?? 20_000);
  const cases = chosen(values['case']).map((item) => (quick ? quickCase(item) : item));
  const before = loadavg()[0];
  const folder = mkdtempSync(join(tmpdir(), 'espalier-step-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // At a second Ctrl-C, too: the files are gigabytes.
  process.once('exit', remove);
  try {
    const setting = { folder, python: await peerPython(), rounds, threads };
    const measured: StepCaseResults[] = [];
    for (const item of cases) measured.push(await measureCase(item, setting));
    const results: StepResults = {
      version: RESULTS_VERSION,
      bench: 'step',
      circumstances: circumstances('step', args),
      load: [before, loadavg()[0]],
      threads,
      rounds,
      cases: measured,
      ...(leakSteps > 0 && { leak: await measureLeak(cases[0], leakSteps, setting) }),
    };
    note(stepTable(results));
    note(firstLosses(results));
    const whole = cases.length === CASES.length && !quick;
    const out = values['out'] ?? (whole ? join(RESULTS_FOLDER, 'step.json') : undefined);
    if (out !== undefined) {
      writeResults(String(out), results);
      note(`\nwritten: ${shown(String(out))}`);
    }
    return results;
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** All start from the same weights and samples; AlexNet's differ by what its dropout draws. */
function firstLosses({ cases }: StepResults): string {
  const lines = cases.map(
    ({ name, rows }) =>
      `${name}, loss of the first step: ${rows.map(({ peer, firstLoss }) => `${peer} ${firstLoss.toFixed(5)}`).join(', ')}`,
  );
  return ['', ...lines].join('\n');
}

/** @throws BENCH_OPTION */
function chosen(name: BenchValues[string]): readonly StepCase[] {
  if (name === undefined) return CASES;
  const found = CASES.filter((item) => item.name.toLowerCase() === String(name).toLowerCase());
  if (found.length > 0) return found;
  const expected = `one of ${CASES.map((item) => item.name).join(', ')}`;
  throw benchError('BENCH_OPTION', { option: '--case', value: String(name), expected });
}

async function measureCase(item: StepCase, setting: Setting): Promise<StepCaseResults> {
  const { rounds } = setting;
  const folder = join(setting.folder, item.network);
  note(`${item.name}, batch ${item.batch}: preparing`);
  writeCaseFiles(folder, item);
  const running: StepPeer[] = [];
  try {
    for (const peer of item.peers) running.push(await StepPeer.start({ ...setting, peer, folder }));
    return { name: item.name, batch: item.batch, rows: await takeTurns(item, running, rounds) };
  } finally {
    await Promise.all(running.map((peer) => peer[Symbol.asyncDispose]()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function takeTurns(item: StepCase, peers: readonly StepPeer[], rounds: number): Promise<StepRow[]> {
  const turn = async (): Promise<Answer[]> => {
    const answers: Answer[] = [];
    for (const peer of peers) answers.push(await peer.ask({ seconds: item.seconds }));
    return answers;
  };
  // The first turn compiles and warms up; only its very first loss is looked at.
  const first = await turn();
  const answers: Answer[][] = [];
  const startedMs = performance.now();
  for (let round = 0; round < rounds; round++) {
    const turns = await turn();
    answers.push(turns);
    const shownTimes = turns.map(({ ms, steps }, i) => `${item.peers[i]} ${(ms / steps).toFixed(2)}`);
    const left = timeLeft(round + 1, rounds, (performance.now() - startedMs) / 1000);
    note(`  round ${round + 1} of ${rounds}, ms a step: ${shownTimes.join(', ')}${left}`);
  }
  return stepRows(item.peers, first, answers);
}

async function measureLeak(
  item: StepCase,
  steps: number,
  setting: Setting,
): Promise<NonNullable<StepResults['leak']>> {
  const folder = join(setting.folder, item.network);
  writeCaseFiles(folder, item);
  await using peer = await StepPeer.start({ ...setting, peer: 'espalier', folder });
  const before = await peer.ask({ steps: LEAK_WARM_UP });
  note(
    `${item.name}: ${steps} steps to see whether memory grows, about ${Math.round(((before.ms / LEAK_WARM_UP) * steps) / 1000)} s`,
  );
  const after = await peer.ask({ steps });
  return { name: item.name, steps, growthMiB: after.residentMiB - before.residentMiB };
}

void benchMain({
  usage: USAGE,
  options: {
    case: { type: 'string' },
    rounds: { type: 'string' },
    threads: { type: 'string' },
    'leak-steps': { type: 'string' },
    quick: { type: 'boolean' },
    out: { type: 'string' },
  },
  run,
});
