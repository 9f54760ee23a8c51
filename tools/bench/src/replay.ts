#!/usr/bin/env node
/** Bench `replay`: a recipe, its resolved form again elsewhere, and again by services: one artifact? */
import { sha256 } from '@espalier/tensor/digest';
import { readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { benchMain, note, type BenchValues } from './bench-main';
import { circumstances, type Circumstances } from './circumstances';
import { espalier, type RunOutput } from './espalier';
import { BENCH_RUNS, RESULTS_FOLDER, ROOT } from './places';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import { duration } from './time-left';

const USAGE = `espalier bench replay [options]
  --recipe FILE     default: recipes/quick.yaml
  --out FILE        default: docs/results/replay.json`;

export interface ReplayResults {
  readonly version: number;
  readonly bench: 'replay';
  readonly circumstances: Circumstances;
  readonly recipe: string;
  readonly runs: readonly ReplayRun[];
  /** Did all give the same artifact? */
  readonly same: boolean;
}

export interface ReplayRun {
  readonly what: string;
  /** SHA-256 of the file. */
  readonly digest: string;
  readonly bytes: number;
  readonly error: number;
  readonly seconds: number;
}

async function run(values: BenchValues, args: readonly string[]): Promise<ReplayResults> {
  const recipe = resolve(String(values['recipe'] ?? join(ROOT, 'recipes/quick.yaml')));
  const first = await runOnce('in process', recipe, ['--in-process']);
  const resolved = join(first.folder, 'recipe.resolved.yaml');
  const second = await runOnce('in process, its resolved recipe', resolved, ['--in-process']);
  const third = await runOnce('by services, its resolved recipe', resolved, []);
  const runs = [first, second, third].map(({ folder: _folder, ...row }) => row);
  const results: ReplayResults = {
    version: RESULTS_VERSION,
    bench: 'replay',
    circumstances: circumstances('replay', args),
    recipe: relative(ROOT, recipe),
    runs,
    same: runs.every(({ digest }) => digest === first.digest),
  };
  const out = String(values['out'] ?? join(RESULTS_FOLDER, 'replay.json'));
  writeResults(out, results);
  note(`${results.same ? 'the same artifact each time' : 'DIFFERENT artifacts'}; written: ${shown(out)}`);
  return results;
}

/** In a runs folder of its own, so that nothing comes out of a cache. */
async function runOnce(
  what: string,
  recipe: string,
  args: readonly string[],
): Promise<ReplayRun & { readonly folder: string }> {
  const runs = join(BENCH_RUNS, 'replay', what.replace(/\W+/g, '-'));
  rmSync(runs, { recursive: true, force: true });
  const startedMs = performance.now();
  const { folder, artifact } = await espalier<RunOutput>(['run', recipe, ...args, '--runs', runs]);
  const seconds = (performance.now() - startedMs) / 1000;
  const digest = sha256(readFileSync(join(folder, artifact.path)));
  note(`${what}: ${digest.slice(0, 16)}, ${artifact.bytes} bytes, ${duration(seconds)}`);
  return { what, digest, bytes: artifact.bytes, error: artifact.error, seconds, folder };
}

void benchMain({ usage: USAGE, options: { recipe: { type: 'string' }, out: { type: 'string' } }, run });
