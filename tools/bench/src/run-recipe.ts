/** One run of a recipe, by `espalier run --in-process` in a process of its own, and its file measured. */
import { canonicalJson, type JsonValue } from '@espalier/base';
import { parseRecipe, type Recipe } from '@espalier/recipe';
import { sha256 } from '@espalier/tensor/digest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeVersion } from './circumstances';
import { espalier, type RunOutput } from './espalier';
import { measureArtifact } from './measure-artifact';
import type { SeedResult } from './seed-results';

export interface RecipeRun {
  readonly file: string;
  /** `a.b=c`, on top of the file. */
  readonly sets: readonly string[];
  readonly seed: number;
  readonly threads?: number;
  /** The folder that the run lies in; runs in the same one share their cache of stages. */
  readonly runs: string;
  /** What the file is tested on, as `espalier eval --data` takes it. Default MNIST. */
  readonly testData?: string;
}

/** What a recipe says, without how it is written down. */
export function recipeDigest(recipe: Recipe): string {
  return sha256(new TextEncoder().encode(canonicalJson(recipe as unknown as JsonValue)));
}

/** @param digest that of the recipe with its changes. @throws BENCH_CHILD */
export async function runRecipe(run: RecipeRun, digest: string): Promise<SeedResult> {
  return (await runRecipeToFile(run, digest)).result;
}

/** The same, and where the file lies. */
export async function runRecipeToFile(
  run: RecipeRun,
  digest: string,
): Promise<{ readonly result: SeedResult; readonly artifact: string }> {
  const { file, sets, seed, threads, runs, testData } = run;
  const code = codeVersion();
  const startedMs = performance.now();
  const { folder, ...report } = await espalier<RunOutput>([
    'run',
    file,
    '--in-process',
    '--runs',
    runs,
    '--seed',
    String(seed),
    ...sets.flatMap((set) => ['--set', set]),
    ...(threads === undefined ? [] : ['--threads', String(threads)]),
  ]);
  const seconds = (performance.now() - startedMs) / 1000;
  const artifact = join(folder, report.artifact.path);
  const measured = await measureArtifact(artifact, { threads, testData });
  const result = {
    seed,
    code,
    recipeDigest: digest,
    fingerprint: fingerprintOf(join(folder, 'recipe.resolved.yaml')),
    report,
    measured,
    ...(report.stages.some(({ cached }) => cached) ? {} : { seconds }),
  };
  return { result, artifact };
}

function fingerprintOf(resolvedFile: string): string {
  const { recipe } = parseRecipe(readFileSync(resolvedFile, 'utf8'), { file: resolvedFile });
  return recipe.resolved?.fingerprint ?? 'unknown';
}
