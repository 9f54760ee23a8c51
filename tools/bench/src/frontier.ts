#!/usr/bin/env node
/**
 * Bench `frontier`: error against bytes. Every point of a sweep is a whole run from scratch to the file; none is left out.
 * Goes on where it was stopped.
 */
import { canonicalJson, type JsonValue } from '@espalier/base';
import { parametersOf } from '@espalier/models';
import {
  parseRecipe,
  parseSweep,
  type Recipe,
  type Sweep,
  type SweepNetwork,
  type SweepPoint,
} from '@espalier/recipe';
import { sizeOf } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { benchMain, note, numbers, wholeNumber, type BenchValues } from './bench-main';
import { circumstances, codeVersion } from './circumstances';
import { benchError } from './errors';
import { frontierChart } from './frontier/chart';
import {
  frontierRun,
  type FrontierNetwork,
  type FrontierResults,
  type FrontierRun,
} from './frontier/results';
import { BENCH_RUNS, RESULTS_FOLDER, ROOT } from './places';
import { quickSets } from './quick-sets';
import { RESULTS_VERSION, readResults, shown, writeResults } from './results-file';
import { recipeDigest, runRecipe } from './run-recipe';
import { stillValid } from './seed-results';
import { percent } from './tables/cells';
import { frontierTable } from './tables/frontier-table';
import { duration, timeLeft } from './time-left';

const USAGE = `espalier bench frontier [options]
  --sweep FILE      default: recipes/frontier.yaml
  --network NAME    only this one; the others stay as they are in the file
  --seeds 1,2       default: those of the sweep
  --threads N       of the engine
  --quick           one epoch of everything, the ends of each curve only; into .bench
  --out FILE        default: docs/results/frontier.json
  --plot FILE       default: docs/frontier.svg
  --any-code        keep points that another commit measured
  --fresh           measure every point anew
A point takes 2 minutes (LeNet-300-100) to 5 (LeNet-5) on 2 cores; the whole sweep about three quarters of an hour.`;

interface Job {
  readonly network: SweepNetwork;
  readonly point: SweepPoint;
  readonly seed: number;
  readonly digest: string;
}

async function run(values: BenchValues, args: readonly string[]): Promise<FrontierResults> {
  const quick = values['quick'] === true;
  const file = resolve(String(values['sweep'] ?? join(ROOT, 'recipes/frontier.yaml')));
  const sweep = readSweep(file, quick, values);
  const place = (option: string, usual: string, name: string): string =>
    resolve(String(values[option] ?? (quick ? join(BENCH_RUNS, name) : usual)));
  const out = place('out', join(RESULTS_FOLDER, 'frontier.json'), 'frontier-quick.json');
  const plot = place('plot', join(ROOT, 'docs/frontier.svg'), 'frontier-quick.svg');
  const runs = join(BENCH_RUNS, quick ? 'frontier-quick' : 'frontier');
  if (values['fresh']) rmSync(runs, { recursive: true, force: true });
  const before = values['fresh'] ? undefined : readResults<FrontierResults>(out);

  const all = jobsOf(sweep);
  const done = new Map<Job, FrontierRun>();
  for (const job of all) {
    const now = { recipeDigest: job.digest, code: codeVersion(), anyCode: values['any-code'] === true };
    const kept = stillValid(runsOf(before, job), now).find(({ seed }) => seed === job.seed);
    if (kept) done.set(job, kept);
  }
  const save = (): FrontierResults => {
    const results = resultsOf({ sweep, file, args }, done, before);
    writeResults(out, results);
    mkdirSync(dirname(plot), { recursive: true });
    writeFileSync(plot, frontierChart(results));
    return results;
  };

  const missing = all.filter((job) => !done.has(job));
  if (done.size > 0) note(`${done.size} of ${all.length} runs are in ${shown(out)} already`);
  const startedMs = performance.now();
  for (const [i, job] of missing.entries()) {
    const { point, network, seed, digest } = job;
    note(`${network.title}, ${point.name}, seed ${seed} (${i + 1} of ${missing.length})`);
    const threads = values['threads'] === undefined ? undefined : wholeNumber(values, 'threads', 1);
    const recipe = resolve(dirname(file), point.file);
    const result = await runRecipe({ file: recipe, sets: point.sets, seed, threads, runs }, digest);
    const measured = frontierRun(result, denseDigest(point.recipe), [...done.values()]);
    done.set(job, measured);
    save();
    const left = timeLeft(i + 1, missing.length, (performance.now() - startedMs) / 1000);
    const seconds = measured.seconds === undefined ? '' : `, ${duration(measured.seconds)} from scratch`;
    note(
      `  error ${percent(measured.error)}, ${measured.kept} weights, ${measured.bytes} bytes${seconds}${left}`,
    );
  }
  const results = save();
  note(`${frontierTable(results)}\n\nwritten: ${shown(out)}, ${shown(plot)}`);
  return results;
}

/** @throws RECIPE_INVALID, BENCH_OPTION */
function readSweep(file: string, quick: boolean, values: BenchValues): Sweep {
  const readRecipe = (name: string): string => readFileSync(resolve(dirname(file), name), 'utf8');
  const options = { file: relative(process.cwd(), file), readRecipe };
  const sweep = parseSweep(readFileSync(file, 'utf8'), options);
  const wanted = values['network'];
  const networks = sweep.networks.filter(({ network }) => wanted === undefined || network === wanted);
  if (networks.length === 0) {
    const expected = `one of ${sweep.networks.map(({ network }) => network).join(', ')}`;
    throw benchError('BENCH_OPTION', { option: '--network', value: String(wanted), expected });
  }
  const seeds = numbers(values, 'seeds', sweep.seeds);
  return {
    ...sweep,
    seeds,
    networks: quick ? networks.map((network) => quickly(network, readRecipe)) : networks,
  };
}

/** The first and the last point, with an epoch of everything. */
function quickly(network: SweepNetwork, readRecipe: (file: string) => string): SweepNetwork {
  const { points } = network;
  const ends = points.length > 1 ? [points[0], points[points.length - 1]] : points;
  return {
    ...network,
    points: ends.map((point) => {
      const sets = [...point.sets, ...quickSets(point.recipe)];
      return { ...point, sets, ...parseRecipe(readRecipe(point.file), { file: point.file, sets }) };
    }),
  };
}

function jobsOf({ seeds, networks }: Sweep): Job[] {
  return networks.flatMap((network) =>
    network.points.flatMap((point) =>
      seeds.map((seed) => ({ network, point, seed, digest: recipeDigest(point.recipe) })),
    ),
  );
}

function runsOf(results: FrontierResults | undefined, { network, point }: Job): readonly FrontierRun[] {
  const points = results?.networks.find((other) => other.network === network.network)?.points ?? [];
  return points.find(({ name }) => name === point.name)?.runs ?? [];
}

function denseDigest({ network, data, train }: Recipe): string {
  return sha256(new TextEncoder().encode(canonicalJson({ network, data, train } as unknown as JsonValue)));
}

interface Measured {
  readonly sweep: Sweep;
  readonly file: string;
  readonly args: readonly string[];
}

/** Points without a run are not there yet. Networks that were left out stay as they were. */
function resultsOf(
  { sweep, file, args }: Measured,
  done: ReadonlyMap<Job, FrontierRun>,
  before: FrontierResults | undefined,
): FrontierResults {
  const measured = sweep.networks.flatMap((network): FrontierNetwork[] => {
    const points = network.points.flatMap((point) => {
      const runs = [...done].filter(([job]) => job.point === point).map(([, run]) => run);
      runs.sort((a, b) => a.seed - b.seed);
      const { name, file: recipe, sets } = point;
      return runs.length === 0 ? [] : [{ name, recipe, sets, levels: levelsText(point.recipe), runs }];
    });
    if (points.length === 0) return [];
    const { title, network: name } = network;
    return [{ title, network: name, ...sizes(network.points[0].recipe), points }];
  });
  const others = (before?.networks ?? []).filter(
    ({ network }) => !sweep.networks.some((other) => other.network === network),
  );
  return {
    version: RESULTS_VERSION,
    bench: 'frontier',
    circumstances: circumstances('frontier', args),
    sweep: { file: relative(ROOT, file), seeds: sweep.seeds },
    networks: [...measured, ...others].sort((a, b) => a.weights - b.weights),
  };
}

function sizes({ network }: Recipe): Pick<FrontierNetwork, 'weights' | 'denseBytes'> {
  const parameters = parametersOf(network).filter(({ trainable }) => trainable);
  const count = (of: typeof parameters): number => of.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { weights: count(parameters.filter(({ prunable }) => prunable)), denseBytes: 4 * count(parameters) };
}

function levelsText({ share, quantize }: Recipe): string {
  if (quantize) return `${JSON.stringify(quantize.bits)} bits`;
  const asked = share?.levels ?? share?.bits;
  if (asked === undefined) return '';
  const power = (value: number): number => (share?.levels === undefined ? 2 ** value : value);
  if (typeof asked === 'number') return String(power(asked));
  return Object.entries(asked)
    .map(([layer, value]) => `${layer} ${power(value)}`)
    .join(', ');
}

void benchMain({
  usage: USAGE,
  options: {
    sweep: { type: 'string' },
    network: { type: 'string' },
    seeds: { type: 'string' },
    threads: { type: 'string' },
    quick: { type: 'boolean' },
    out: { type: 'string' },
    plot: { type: 'string' },
    'any-code': { type: 'boolean' },
    fresh: { type: 'boolean' },
  },
  run,
});
