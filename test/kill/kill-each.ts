/**
 * kill -9 of each service once, in the middle of its stage, and of the coordinator: does the run finish, and with the
 * same artifact? Two real runs of one recipe, one left alone and one with five kills.
 *
 *   node tools/cli/bin/child.cjs test/kill/kill-each.ts [recipe] [--separately] [--keep]
 *
 * `--separately`: one run for each kill. `--keep`: leaves the folders. Writes docs/results/kill.json. Exit code 1 when a
 * digest differs.
 */
import {
  RESULTS_FOLDER,
  RESULTS_VERSION,
  circumstancesOf,
  shown,
  writeResults,
  type KillResults,
  type KilledRun,
} from '@espalier/bench';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const ROOT = resolve(__dirname, '../..');
const CLI = join(ROOT, 'tools/cli/bin/espalier.cjs');
/** Between two looks at the log; a prune of a LeNet takes some 30 ms. */
const POLL_MS = 2;

/** Of the seconds that the stage took when it was left alone. Less than half, since the machine may be quicker the next time. */
const WAIT_SHARE = 0.3;

interface Victim {
  readonly name: string;
  /** Killed in the middle of the first of these that it can be caught in. */
  readonly stages: readonly string[];
}

interface Kill {
  readonly name: string;
  readonly stage: string;
}

const VICTIMS: readonly Victim[] = [
  { name: 'trainer', stages: ['train'] },
  { name: 'pruner', stages: ['prune 1', 'prune 2', 'shrink'] },
  { name: 'retrainer', stages: ['retrain 1'] },
  { name: 'coordinator', stages: ['retrain 2', 'retrain'] },
  { name: 'encoder', stages: ['share', 'encode'] },
];

interface LoggedEvent {
  readonly type: string;
  readonly at: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

interface Outcome {
  readonly exitCode: number | null;
  readonly seconds: number;
  readonly events: readonly LoggedEvent[];
  readonly killed: readonly Kill[];
  readonly words: string;
}

async function main(): Promise<void> {
  const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
  const recipe = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 'recipes/quick.yaml';
  const folder = mkdtempSync(join(tmpdir(), 'espalier-kill-each-'));
  const runs: KilledRun[] = [];
  let same: boolean;
  try {
    const calm = await run(recipe, join(folder, 'calm'), []);
    print('undisturbed', calm, calm);
    runs.push(result('undisturbed', calm));
    same = calm.exitCode === 0 && artifact(calm) !== undefined;
    const groups = flags.includes('--separately') ? VICTIMS.map((victim) => [victim]) : [VICTIMS];
    for (const victims of groups) {
      const label = victims.length === 1 ? victims[0].name : 'all five killed';
      const hurt = await run(recipe, join(folder, label.replaceAll(' ', '-')), victims, secondsByStage(calm));
      print(label, hurt, calm);
      runs.push(result(label, hurt));
      same &&= hurt.exitCode === 0 && artifact(hurt) === artifact(calm);
      same &&= hurt.killed.length === victims.length;
    }
  } finally {
    if (!flags.includes('--keep')) rmSync(folder, { recursive: true });
  }
  console.log(same ? 'equal: every artifact has the same digest' : 'NOT EQUAL, or not every process was hit');
  const command = ['node tools/cli/bin/child.cjs test/kill/kill-each.ts', ...process.argv.slice(2)].join(' ');
  const results: KillResults = {
    version: RESULTS_VERSION,
    bench: 'kill',
    circumstances: circumstancesOf(command),
    recipe,
    runs,
    same,
  };
  const file = join(RESULTS_FOLDER, 'kill.json');
  writeResults(file, results);
  console.log(`written: ${shown(file)}`);
  process.exitCode = same ? 0 : 1;
}

function result(what: string, outcome: Outcome): KilledRun {
  return {
    what,
    exitCode: outcome.exitCode,
    seconds: Math.round(outcome.seconds * 10) / 10,
    digest: artifact(outcome) ?? null,
    killed: outcome.killed.map(({ name, stage }) => ({
      process: name,
      stage,
      offered: count(outcome, 'stage.started', stage),
      done: count(outcome, 'stage.done', stage),
    })),
  };
}

/** Runs a recipe by the CLI; kills each victim on its way through its stage. */
async function run(
  recipe: string,
  runs: string,
  victims: readonly Victim[],
  usual: ReadonlyMap<string, number> = new Map(),
): Promise<Outcome> {
  const started = performance.now();
  const cli = spawn(process.execPath, [CLI, 'run', recipe, '--runs', runs, '--quiet'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  cli.stdout.on('data', (text) => (words += String(text)));
  cli.stderr.on('data', (text) => (words += String(text)));
  let exitCode: number | null | undefined;
  cli.once('close', (code) => (exitCode = code));
  const killed: Kill[] = [];
  const catchIn = async (name: string, stage: string): Promise<boolean> => {
    while (exitCode === undefined && !hasBegun(events(runs), stage)) await pause(POLL_MS);
    await pause((usual.get(stage) ?? 0) * 1000 * WAIT_SHARE);
    if (exitCode !== undefined || !isIn(events(runs), stage) || !kill(cli, name)) return false;
    killed.push({ name, stage });
    return true;
  };
  await Promise.all(
    victims.map(async ({ name, stages }) => {
      for (const stage of stages) if (await catchIn(name, stage)) return;
    }),
  );
  while (exitCode === undefined) await pause(50);
  return { exitCode, seconds: (performance.now() - started) / 1000, events: events(runs), killed, words };
}

/** The events of the one run in this folder that can be read so far. */
function events(runs: string): LoggedEvent[] {
  try {
    const id = readdirSync(runs).find((name) => /^\d{8}-/.test(name));
    if (id === undefined) return [];
    return readFileSync(join(runs, id, 'events.jsonl'), 'utf8')
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line) as LoggedEvent);
  } catch {
    return [];
  }
}

function hasBegun(list: readonly LoggedEvent[], title: string): boolean {
  return list.some((event) => event.type === 'stage.started' && event.fields['title'] === title);
}

function isIn(list: readonly LoggedEvent[], title: string): boolean {
  const of = (type: string): boolean =>
    list.some((event) => event.type === type && event.fields['title'] === title);
  return of('stage.started') && !of('stage.done');
}

/** SIGKILL to the CLI's child of that name; false when there is none. */
function kill(cli: ChildProcess, name: string): boolean {
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
      if (Number(parent) !== cli.pid) continue;
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`services/${name}/`)) continue;
      process.kill(Number(pid), 'SIGKILL');
      return true;
    } catch {
      // It ended while we looked.
    }
  }
  return false;
}

function secondsByStage({ events: list }: Outcome): ReadonlyMap<string, number> {
  return new Map(
    list
      .filter(({ type }) => type === 'stage.done')
      .map(({ fields }) => [String(fields['title']), Number(fields['seconds'])]),
  );
}

function artifact({ events: list }: Outcome): string | undefined {
  const done = list.findLast(({ type }) => type === 'run.done');
  return (done?.fields['report'] as { artifact: { digest: string } } | undefined)?.artifact.digest;
}

function count({ events: list }: Outcome, type: string, title: string): number {
  return list.filter((event) => event.type === type && event.fields['title'] === title).length;
}

function print(label: string, outcome: Outcome, calm: Outcome): void {
  const { killed, seconds, exitCode } = outcome;
  const same = artifact(outcome) === artifact(calm) ? 'the same' : 'ANOTHER';
  console.log(
    `${label}: ${seconds.toFixed(1)} s, exit code ${exitCode}, artifact ${artifact(outcome)} (${same})`,
  );
  for (const { name, stage } of killed) {
    console.log(
      `  ${name.padEnd(12)} killed in "${stage}": offered ${count(outcome, 'stage.started', stage)}x, done ${count(outcome, 'stage.done', stage)}x`,
    );
  }
  if (exitCode !== 0) console.log(outcome.words.trim());
}

void main();
