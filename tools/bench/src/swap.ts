#!/usr/bin/env node
/**
 * Bench `swap`: a run by services whose criterion is changed twice on the way, by `espalier swap`: from magnitude to Taylor to a
 * plugin in Python. Does it finish, does its log say who scored which round, and does its resolved recipe make the same file again?
 */
import { readRunLog, type LogRecord } from '@espalier/store';
import { sha256 } from '@espalier/tensor/digest';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { benchMain, note, type BenchValues } from './bench-main';
import { circumstances } from './circumstances';
import { benchError } from './errors';
import { espalier, type RunOutput } from './espalier';
import { BENCH_RUNS, RESULTS_FOLDER, ROOT } from './places';
import { benchCache, pythonVenv } from './python-peers';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import type { SwapResults, SwapRound, SwapTold } from './swap/results';
import { swapTable } from './tables/swap-table';
import { duration } from './time-left';

const USAGE = `espalier bench swap [options]
  --quick           few samples and rounds; into .bench
  --out FILE        default: docs/results/swap.json`;

const RECIPE = 'recipes/lenet-300-100.yaml';
/** Nine rounds that last some seconds each: long enough to be swapped in, short enough to wait for. */
const SETS = [
  'train.epochs=4',
  'prune.schedule.rounds=9',
  'retrain.epochs={ perRound: 2, last: 4 }',
  'share.retrain.epochs=1',
] as const;
const QUICK_SETS = [
  'train.epochs=1',
  'prune.schedule.rounds=5',
  'retrain.epochs=2',
  'share.retrain.epochs=1',
  'data.heldOut=50000',
] as const;

/** As `npm test -- --only python` has them. */
const PYTHON_PACKAGES = [{ spec: 'msgpack==1.1.2' }, { spec: 'websockets==15.0.1' }];
const PYTHON_PLUGIN = join(ROOT, 'libs/plugin-python-example');
const LOOK_MS = 100;

async function run(values: BenchValues, args: readonly string[]): Promise<SwapResults> {
  const quick = values['quick'] === true;
  const sets = quick ? QUICK_SETS : SETS;
  const python = await pythonVenv(benchCache('plugin-python'), PYTHON_PACKAGES);
  // The services start the plugin with the first python3 of their path.
  process.env['PATH'] = `${dirname(python)}${delimiter}${process.env['PATH'] ?? ''}`;
  const runs = freshFolder('run');
  const startedMs = performance.now();
  let over = false;
  const running = espalier<RunOutput>([
    'run',
    join(ROOT, RECIPE),
    '--runs',
    runs,
    ...sets.flatMap((set) => ['--set', set]),
  ]).finally(() => (over = true));
  // Its failure is thrown below; until then nobody may be listening.
  running.catch(() => undefined);
  const log = (): string | undefined => logIn(runs);
  const isOver = (): boolean => over;
  const swaps: SwapTold[] = [];
  for (const [afterRound, asked] of [
    [1, ['--criterion', 'taylor']],
    [3, ['--criterion', 'lamp', '--plugin', PYTHON_PLUGIN]],
  ] as const) {
    await untilRetraining(afterRound, { log, isOver });
    const { criterion, round } = await espalier<SwapTold>(['swap', 'last', '--runs', runs, ...asked]);
    swaps.push({ criterion, round });
    note(`from round ${round} on ${criterion}`);
  }
  const { folder, artifact } = await running;
  note(`the run: ${duration((performance.now() - startedMs) / 1000)}, ${artifact.bytes} bytes`);
  const rounds = roundsOf(await readRunLog(join(folder, 'events.jsonl')));
  const resolved = join(folder, 'recipe.resolved.yaml');
  const replay = await espalier<RunOutput>(['run', resolved, '--runs', freshFolder('replay')]);
  const digestOf = (of: RunOutput): string => sha256(readFileSync(join(of.folder, of.artifact.path)));
  const digests = { run: sha256(readFileSync(join(folder, artifact.path))), replay: digestOf(replay) };
  const results: SwapResults = {
    version: RESULTS_VERSION,
    bench: 'swap',
    circumstances: circumstances('swap', args),
    recipe: RECIPE,
    sets,
    swaps,
    rounds,
    error: artifact.error,
    bytes: artifact.bytes,
    digests,
    met: isMet(rounds, swaps, digests),
  };
  const out = String(
    values['out'] ?? (quick ? join(BENCH_RUNS, 'swap-quick.json') : join(RESULTS_FOLDER, 'swap.json')),
  );
  writeResults(out, results);
  note(`${swapTable(results)}\n\n${results.met ? 'met' : 'MISSED'}; written: ${shown(out)}`);
  return results;
}

/** Each round by the criterion of the last swap up to it, plugins by their digests; and the same file again. */
function isMet(
  rounds: readonly SwapRound[],
  swaps: readonly SwapTold[],
  digests: SwapResults['digests'],
): boolean {
  const fits = rounds.every(({ round, criterion, plugin, digest }) => {
    const expected = swaps.filter((swap) => swap.round <= round).at(-1)?.criterion ?? 'magnitude';
    const said = plugin === 'built-in' ? criterion : `${plugin}/${criterion}`;
    return said === expected && (plugin === 'built-in' || digest !== undefined);
  });
  const used = new Set(rounds.map(({ criterion }) => criterion));
  return fits && used.size === swaps.length + 1 && digests.run === digests.replay;
}

interface Watched {
  log(): string | undefined;
  isOver(): boolean;
}

/** @throws BENCH_CHILD when the run ends before */
async function untilRetraining(round: number, { log, isOver }: Watched): Promise<void> {
  for (;;) {
    const file = log();
    const records = file === undefined ? [] : await readRunLog(file);
    const started = records.some(
      ({ type, fields }) => type === 'stage.started' && fields['title'] === `retrain ${round}`,
    );
    if (started) return;
    if (isOver()) throw benchError('BENCH_CHILD', { command: 'espalier run', how: `before round ${round}` });
    await pause(LOOK_MS);
  }
}

function roundsOf(records: readonly LogRecord[]): SwapRound[] {
  return records.flatMap(({ type, fields }) => {
    if (type !== 'stage.done') return [];
    const { spec, result } = fields as unknown as {
      readonly spec: { readonly kind: string; readonly round?: number };
      readonly result: { readonly metrics: { readonly scoredBy?: Omit<SwapRound, 'round'> } };
    };
    const { scoredBy } = result.metrics;
    if (spec.kind !== 'prune' || !scoredBy) return [];
    const { criterion, plugin, version, digest } = scoredBy;
    const pin = { ...(version && { version }), ...(digest && { digest }) };
    return [{ round: spec.round ?? 0, criterion, plugin, ...pin }];
  });
}

function freshFolder(name: string): string {
  const folder = join(BENCH_RUNS, 'swap', name);
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

/** The log of the only run of a folder, when there is one yet. */
function logIn(runs: string): string | undefined {
  if (!existsSync(runs)) return undefined;
  const [id] = readdirSync(runs).filter((name) => !name.startsWith('.'));
  const file = id === undefined ? undefined : join(runs, id, 'events.jsonl');
  return file !== undefined && existsSync(file) ? file : undefined;
}

void benchMain({ usage: USAGE, options: { quick: { type: 'boolean' }, out: { type: 'string' } }, run });
