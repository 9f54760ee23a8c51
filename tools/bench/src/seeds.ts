#!/usr/bin/env node
/**
 * Bench `seeds`: one recipe, once a seed, each by `espalier run --in-process` in a process of its own. Every seed counts;
 * none is chosen by its test error. Goes on where it was stopped.
 */
import { parseRecipe, type Recipe } from '@espalier/recipe';
import { readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { benchMain, note, numbers, wholeNumber, type BenchValues } from './bench-main';
import { openBenchWorkspace } from './bench-workspace';
import { circumstances, codeVersion } from './circumstances';
import { denseBaseline, totalEpochs, type DenseBaseline } from './dense-baseline';
import { BENCH_RUNS, RESULTS_FOLDER, ROOT } from './places';
import { RESULTS_VERSION, readResults, shown, writeResults } from './results-file';
import { recipeDigest, runRecipe } from './run-recipe';
import { stillValid, summariseSeeds, type SeedResult, type SeedsResults } from './seed-results';
import { duration, timeLeft } from './time-left';

const USAGE = `espalier bench seeds [options]
  --recipe FILE     default: recipes/lenet-300-100.yaml
  --seeds 1,2,3     default: 1,2,3,4,5
  --set a.b=c       change the recipe; may be repeated
  --threads N       of the engine
  --baseline        also train the dense network alone, for as many epochs as the run trains in all
  --out FILE        default: docs/results/<name of the recipe>.json
  --any-code        keep seeds that another commit measured
  --fresh           measure every seed anew`;

interface Settings {
  readonly file: string;
  readonly recipe: Recipe;
  readonly sets: readonly string[];
  readonly digest: string;
  readonly seeds: readonly number[];
  readonly threads?: number;
  readonly out: string;
}

async function run(values: BenchValues, args: readonly string[]): Promise<SeedsResults> {
  const settings = readSettings(values);
  const { out, recipe, digest } = settings;
  const before = values['fresh'] ? undefined : readResults<SeedsResults>(out);
  const runs = join(BENCH_RUNS, `${recipe.name}-${digest.slice(0, 8)}`);
  if (values['fresh']) rmSync(runs, { recursive: true, force: true });
  const now = { recipeDigest: digest, code: codeVersion(), anyCode: values['any-code'] === true };
  const done = new Map(stillValid(before?.seeds ?? [], now).map((result) => [result.seed, result]));
  const sameRecipe = before?.recipe.digest === digest;
  let denseSameLength: DenseBaseline | undefined = sameRecipe ? before?.denseSameLength : undefined;
  const save = (): SeedsResults => {
    const results = resultsOf(settings, [...done.values()], { args, denseSameLength });
    writeResults(out, results);
    return results;
  };

  const missing = settings.seeds.filter((seed) => !done.has(seed));
  if (missing.length < settings.seeds.length) {
    note(`${settings.seeds.length - missing.length} seeds are in ${shown(out)} already`);
  }
  const startedMs = performance.now();
  for (const [i, seed] of missing.entries()) {
    const result = await runRecipe({ ...settings, seed, runs }, digest);
    done.set(seed, result);
    save();
    const { measured } = result;
    const left = timeLeft(i + 1, missing.length, (performance.now() - startedMs) / 1000);
    note(
      `seed ${seed} (${i + 1} of ${missing.length}): error ${percent(measured.error)}, ${measured.kept} weights, ` +
        `${measured.bytes} bytes${result.seconds === undefined ? '' : `, ${duration(result.seconds)}`}${left}`,
    );
  }
  const baselineHas = (seed: number): boolean =>
    denseSameLength?.seeds.some((other) => other.seed === seed) ?? false;
  if (values['baseline'] && !settings.seeds.every(baselineHas)) {
    note(`the dense network alone, ${totalEpochs(recipe)} epochs`);
    const { threads } = settings;
    const workspace = await openBenchWorkspace(threads === undefined ? {} : { threads });
    denseSameLength = await denseBaseline(recipe, settings.seeds, workspace, (seed, error) =>
      note(`seed ${seed}: dense error ${percent(error)}`),
    );
  }
  if (before && missing.length === 0 && denseSameLength === before.denseSameLength && sameRecipe)
    return before;
  const results = save();
  note(`written: ${shown(out)}`);
  return results;
}

function readSettings(values: BenchValues): Settings {
  const file = resolve(String(values['recipe'] ?? join(ROOT, 'recipes/lenet-300-100.yaml')));
  const sets = (values['set'] ?? []) as string[];
  const { recipe } = parseRecipe(readFileSync(file, 'utf8'), { file, sets });
  const threads = values['threads'] === undefined ? undefined : wholeNumber(values, 'threads', 1);
  return {
    file,
    recipe,
    sets,
    digest: recipeDigest(recipe),
    seeds: numbers(values, 'seeds', [1, 2, 3, 4, 5]),
    ...(threads === undefined ? {} : { threads }),
    out: resolve(String(values['out'] ?? join(RESULTS_FOLDER, `${recipe.name}.json`))),
  };
}

function resultsOf(
  { file, recipe, sets, digest }: Settings,
  seeds: readonly SeedResult[],
  more: { readonly args: readonly string[]; readonly denseSameLength?: DenseBaseline },
): SeedsResults {
  const sorted = [...seeds].sort((a, b) => a.seed - b.seed);
  const [{ report, fingerprint }] = sorted;
  return {
    version: RESULTS_VERSION,
    bench: 'seeds',
    circumstances: circumstances('seeds', more.args),
    engine: { ...report.engine, fingerprint },
    recipe: { name: recipe.name, file: relative(ROOT, file), sets, digest },
    network: report.network,
    summary: summariseSeeds(sorted),
    ...(more.denseSameLength ? { denseSameLength: more.denseSameLength } : {}),
    seeds: sorted,
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

void benchMain({
  usage: USAGE,
  options: {
    recipe: { type: 'string' },
    seeds: { type: 'string' },
    set: { type: 'string', multiple: true },
    threads: { type: 'string' },
    baseline: { type: 'boolean' },
    out: { type: 'string' },
    'any-code': { type: 'boolean' },
    fresh: { type: 'boolean' },
  },
  run,
});
