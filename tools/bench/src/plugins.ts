#!/usr/bin/env node
/**
 * Bench `plugins`: what the shipped plugins do. LeNet-300-100 hashed, in 8 bits, pruned, shared, alone and combined: bytes and error, by the
 * libraries. LeNet-5, by recipes, with 2:4, with blocks and without half of its filters: exact patterns in the files, and latency, as floats and
 * in whole numbers.
 */
import { decodeArtifact } from '@espalier/encoding';
import { parseSweep, type Sweep, type SweepNetwork, type SweepPoint } from '@espalier/recipe';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { benchMain, note, numbers, wholeNumber, type BenchValues } from './bench-main';
import { circumstances } from './circumstances';
import { benchError } from './errors';
import { BENCH_RUNS, RESULTS_FOLDER, ROOT } from './places';
import { combinations, type Combination } from './plugins/combinations';
import { measurePattern, timeNetworks, type NetworkTimes } from './plugins/measure-patterns';
import type { CombinedPoint, PluginsNetwork, PluginsResults, PluginsRun } from './plugins/results';
import { quickSets } from './quick-sets';
import { RESULTS_VERSION, readResults, shown, writeResults } from './results-file';
import { recipeDigest, runRecipeToFile } from './run-recipe';
import { percent } from './tables/cells';
import { pluginsTable } from './tables/plugins-table';
import { timeLeft } from './time-left';

const USAGE = `espalier bench plugins [options]
  --sweep FILE      default: tools/bench/recipes/plugins.yaml
  --seeds 1,2,3     default: those of the sweep
  --part NAME       combinations or patterns; the other stays as it is in the file
  --threads N       of the engine
  --rounds 5        turns of the networks whose latency is measured, --seconds 1 each
  --quick           an epoch of everything, one seed; into .bench
  --out FILE        default: docs/results/plugins.json
3 seeds take about half an hour on 2 cores.`;

const USUAL_SWEEP = join(ROOT, 'tools/bench/recipes/plugins.yaml');
async function run(values: BenchValues, args: readonly string[]): Promise<PluginsResults> {
  const quick = values['quick'] === true;
  const before = loadavg()[0];
  const sweepFile = resolve(String(values['sweep'] ?? USUAL_SWEEP));
  const sweep = readSweep(sweepFile, quick, values);
  const out = resolve(
    String(
      values['out'] ??
        (quick ? join(BENCH_RUNS, 'plugins-quick.json') : join(RESULTS_FOLDER, 'plugins.json')),
    ),
  );
  const setting: Setting = {
    folder: dirname(sweepFile),
    runs: join(BENCH_RUNS, quick ? 'plugins-quick' : 'plugins'),
    ...(values['threads'] === undefined ? {} : { threads: wholeNumber(values, 'threads', 1) }),
    timing: {
      rounds: wholeNumber(values, 'rounds', quick ? 1 : 5),
      seconds: Number(values['seconds'] ?? (quick ? 0.05 : 1)),
    },
  };
  const { part } = values;
  if (part !== undefined && part !== 'combinations' && part !== 'patterns') {
    throw benchError('BENCH_OPTION', {
      option: '--part',
      value: String(part),
      expected: 'combinations or patterns',
    });
  }
  const earlier = part === undefined ? undefined : readResults<PluginsResults>(out);
  const combined = part === 'patterns' ? earlier?.combinations : await runCombinations(sweep.seeds, quick);
  const networks = part === 'combinations' ? earlier?.networks : await runPatterns(sweep, setting);
  const results: PluginsResults = {
    version: RESULTS_VERSION,
    bench: 'plugins',
    circumstances: circumstances('plugins', args),
    load: [before, loadavg()[0]],
    sweep: relative(ROOT, sweepFile),
    combinations: combined ?? [],
    networks: networks ?? [],
  };
  writeResults(out, results);
  note(`${pluginsTable(results)}\n\nwritten: ${shown(out)}`);
  return results;
}

async function runCombinations(seeds: readonly number[], quick: boolean): Promise<CombinedPoint[]> {
  const startedMs = performance.now();
  const runs = new Map<string, PluginsRun[]>();
  for (const [i, seed] of seeds.entries()) {
    const tell = ({ name, error, bytes, kept }: Combination): void =>
      note(`LeNet-300-100, ${name}, seed ${seed}: error ${percent(error)}, ${kept} weights, ${bytes} bytes`);
    for (const { name, ...result } of await combinations({ seed, quick, tell })) {
      runs.set(name, [...(runs.get(name) ?? []), { seed, ...result }]);
    }
    note(
      `${i + 1} of ${seeds.length} seeds${timeLeft(i + 1, seeds.length, (performance.now() - startedMs) / 1000)}`,
    );
  }
  return [...runs].map(([name, each]) => ({ name, runs: each }));
}

async function runPatterns({ seeds, networks }: Sweep, setting: Setting): Promise<PluginsNetwork[]> {
  const startedMs = performance.now();
  const total = networks.reduce((sum, { points }) => sum + points.length, 0) * seeds.length;
  let done = 0;
  const tell = (text: string): void => {
    done++;
    note(`${text}${timeLeft(done, total, (performance.now() - startedMs) / 1000)}`);
  };
  const measured: PluginsNetwork[] = [];
  for (const network of networks) {
    const runs = new Map<SweepPoint, PluginsRun[]>();
    for (const seed of seeds) {
      for (const [point, result] of await runSeed(network, seed, { ...setting, tell })) {
        runs.set(point, [...(runs.get(point) ?? []), result]);
      }
    }
    const points = network.points.map((point) => {
      const { name, file: recipe, sets } = point;
      return { name, recipe, sets, runs: runs.get(point) ?? [] };
    });
    measured.push({ title: network.title, network: network.network, points });
  }
  return measured;
}

interface Setting {
  /** Of the sweep: recipes' paths count from it. */
  readonly folder: string;
  readonly runs: string;
  readonly threads?: number;
  readonly timing: { readonly rounds: number; readonly seconds: number };
}

/** All points of a network with one seed, so that their latencies are measured in turns. */
async function runSeed(
  { title, points }: SweepNetwork,
  seed: number,
  { folder, runs, threads, timing, tell }: Setting & { tell(text: string): void },
): Promise<Map<SweepPoint, PluginsRun>> {
  const results = new Map<SweepPoint, PluginsRun>();
  const files = new Map<SweepPoint, ReturnType<typeof decodeArtifact>>();
  for (const point of points) {
    const file = resolve(folder, point.file);
    const { result, artifact } = await runRecipeToFile(
      { file, sets: point.sets, seed, threads, runs },
      recipeDigest(point.recipe),
    );
    const { error, bytes, kept } = result.measured;
    const decoded = decodeArtifact(readFileSync(artifact));
    files.set(point, decoded);
    results.set(point, {
      seed,
      error,
      bytes,
      kept,
      layers: measurePattern(point.recipe, decoded),
    });
    tell(`${title}, ${point.name}, seed ${seed}: error ${percent(error)}, ${kept} weights, ${bytes} bytes`);
  }
  const times = await timeNetworks(new Map([...files].map(([{ name }, decoded]) => [name, decoded])), timing);
  for (const [point, result] of results) {
    const { us, integer } = times.get(point.name) as NetworkTimes;
    note(
      `${title}, ${point.name}, seed ${seed}: ${us.toFixed(1)} us an image; in whole numbers ${integer.us.toFixed(1)} us, error ${percent(integer.error)}`,
    );
    results.set(point, { ...result, us, integer });
  }
  return results;
}

/** @throws RECIPE_INVALID, BENCH_OPTION */
function readSweep(file: string, quick: boolean, values: BenchValues): Sweep {
  const readRecipe = (name: string): string => readFileSync(resolve(dirname(file), name), 'utf8');
  const read = (text: string): Sweep => parseSweep(text, { file: relative(process.cwd(), file), readRecipe });
  const sweep = read(readFileSync(file, 'utf8'));
  const shortened = (point: SweepPoint): SweepPoint =>
    quick ? { ...point, sets: [...point.sets, ...quickSets(point.recipe)] } : point;
  return {
    ...sweep,
    seeds: numbers(values, 'seeds', quick ? sweep.seeds.slice(0, 1) : sweep.seeds),
    networks: sweep.networks.map((network) => ({ ...network, points: network.points.map(shortened) })),
  };
}

void benchMain({
  usage: USAGE,
  options: {
    sweep: { type: 'string' },
    seeds: { type: 'string' },
    part: { type: 'string' },
    threads: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    quick: { type: 'boolean' },
    out: { type: 'string' },
  },
  run,
});
