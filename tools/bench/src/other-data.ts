#!/usr/bin/env node
/** Bench `other-data`: the recipes, made on MNIST, with nothing changed but the data. Goes on where it was stopped. */
import { parseRecipe } from '@espalier/recipe';
import { sha256 } from '@espalier/tensor/digest';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { benchMain, note, wholeNumber, type BenchValues } from './bench-main';
import { circumstances, codeVersion } from './circumstances';
import { dataSets, testData } from './other-data/data-sets';
import { fashionMnist } from './other-data/fashion-mnist';
import type { OtherDataResults, OtherDataRun } from './other-data/results';
import { BENCH_RUNS, RESULTS_FOLDER, ROOT } from './places';
import { quickSets } from './quick-sets';
import { RESULTS_VERSION, readResults, shown, writeResults } from './results-file';
import { recipeDigest, runRecipe } from './run-recipe';
import { stillValid } from './seed-results';
import { percent } from './tables/cells';
import { otherDataTable } from './tables/other-data-table';
import { duration, timeLeft } from './time-left';

const USAGE = `espalier bench other-data [options]
  --recipe FILE     may be repeated; default: lenet-300-100, lenet-5 and the smallest recipes
  --threads N       of the engine
  --quick           one epoch of everything; into .bench
  --out FILE        default: docs/results/other-data.json
  --any-code        keep runs that another commit measured
  --fresh           measure every recipe anew
The data are Fashion-MNIST, from Debian's package, which is unpacked into the cache folder. Seed 1; about 20 minutes on 2 cores.`;

const RECIPES = [
  'lenet-300-100.yaml',
  'lenet-300-100-smallest.yaml',
  'lenet-300-100-smallest-330x.yaml',
  'lenet-5.yaml',
  'lenet-5-smallest.yaml',
];
const SEED = 1;

async function run(values: BenchValues, args: readonly string[]): Promise<OtherDataResults> {
  const quick = values['quick'] === true;
  const out = resolve(
    String(
      values['out'] ??
        join(quick ? BENCH_RUNS : RESULTS_FOLDER, quick ? 'other-data-quick.json' : 'other-data.json'),
    ),
  );
  const runs = join(BENCH_RUNS, quick ? 'other-data-quick' : 'other-data');
  if (values['fresh']) rmSync(runs, { recursive: true, force: true });
  const before = values['fresh'] ? undefined : readResults<OtherDataResults>(out);
  const data = await fashionMnist();
  const files = [data.train.images, data.train.labels, data.test.images, data.test.labels];
  const digests = files.map((file) => sha256(readFileSync(file)));

  const jobs = recipeFiles(values).map((file) => {
    const text = readFileSync(file, 'utf8');
    const { recipe } = parseRecipe(text, { file });
    const sets = [...dataSets(data, recipe.data.heldOut), ...(quick ? quickSets(recipe) : [])];
    // Where the files lie makes no difference; what is in them does.
    const digest = sha256(new TextEncoder().encode([recipeDigest(recipe), quick, ...digests].join()));
    return { file, sets, digest, name: recipe.name, network: recipe.network.name };
  });
  const done = new Map<string, OtherDataRun>();
  for (const { name, digest } of jobs) {
    const earlier = before?.runs.find((other) => other.name === name);
    const now = { recipeDigest: digest, code: codeVersion(), anyCode: values['any-code'] === true };
    if (earlier && stillValid([earlier.result], now).length > 0) done.set(name, earlier);
  }
  const save = (): OtherDataResults => {
    const results: OtherDataResults = {
      version: RESULTS_VERSION,
      bench: 'other-data',
      circumstances: circumstances('other-data', args),
      data: { name: data.name, source: data.source, sha256: digests },
      runs: jobs.flatMap(({ name }) => done.get(name) ?? []),
    };
    writeResults(out, results);
    return results;
  };

  const missing = jobs.filter(({ name }) => !done.has(name));
  if (done.size > 0) note(`${done.size} of ${jobs.length} recipes are in ${shown(out)} already`);
  const startedMs = performance.now();
  for (const [i, { file, sets, digest, name, network }] of missing.entries()) {
    note(`${name} on ${data.name} (${i + 1} of ${missing.length})`);
    const threads = values['threads'] === undefined ? undefined : wholeNumber(values, 'threads', 1);
    const result = await runRecipe(
      { file, sets, seed: SEED, threads, runs, testData: testData(data) },
      digest,
    );
    done.set(name, { name, network, result });
    save();
    const left = timeLeft(i + 1, missing.length, (performance.now() - startedMs) / 1000);
    const seconds = result.seconds === undefined ? '' : `, ${duration(result.seconds)}`;
    const { measured, report } = result;
    note(
      `  dense error ${percent(report.dense.error)}, error ${percent(measured.error)}, ${measured.bytes} bytes${seconds}${left}`,
    );
  }
  const results = save();
  note(`${otherDataTable({ otherData: results, seeds: {} })}\n\nwritten: ${shown(out)}`);
  return results;
}

function recipeFiles(values: BenchValues): string[] {
  const given = values['recipe'] as string[] | undefined;
  if (given) return given.map((file) => resolve(file));
  const files = RECIPES.map((name) => join(ROOT, 'recipes', name));
  for (const file of files.filter((each) => !existsSync(each)))
    note(`left out, as it is not there: ${basename(file)}`);
  return files.filter((file) => existsSync(file));
}

void benchMain({
  usage: USAGE,
  options: {
    recipe: { type: 'string', multiple: true },
    threads: { type: 'string' },
    quick: { type: 'boolean' },
    out: { type: 'string' },
    'any-code': { type: 'boolean' },
    fresh: { type: 'boolean' },
  },
  run,
});
