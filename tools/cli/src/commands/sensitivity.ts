/** `espalier sensitivity`: one layer at a time, how the error grows as it is pruned (HAN15 figure 6). */
import { silentLogger } from '@espalier/base';
import { loadEngine } from '@espalier/engine';
import { DEFAULT_SENSITIVITY_STEPS, type ResolvedRecipe } from '@espalier/recipe';
import { nextStage, runStageCached, sensitivity, type StageContext, type StageSpec } from '@espalier/stages';
import { BlobStore, RecordStore } from '@espalier/store';
import type { Command } from 'commander';
import { join } from 'node:path';
import { EXIT, examples, type CommandContext, type CommandModule, type CommonOptions } from '../command';
import { lockFolder } from '../folder-lock';
import { DEFAULT_RUNS } from '../installation';
import { onInterrupt } from '../interrupt';
import { writeOutput } from '../files';
import { percent } from '../output/format';
import { present } from '../output/terminal';
import { gather, share, shares, wholeNumber } from '../parse';
import { readRecipe, readRunInputs, resolveInputs, storeInputs } from '../prepare-run';
import { IN_PROCESS_STORE } from '../run-in-process';
import { runsFolder } from '../runs-folder';
import { curvesSvg, curvesTable, suggest, suggestionText } from '../sensitivity-report';

interface SensitivityOptions extends CommonOptions {
  readonly set: readonly string[];
  readonly runs: string;
  readonly keep?: readonly number[];
  readonly steps: number;
  readonly suggest?: boolean;
  readonly maxErrorIncrease: number;
  readonly svg?: string;
  readonly threads?: number;
  readonly seed?: number;
  readonly quiet?: boolean;
}

/** What HAN15 calls no loss: a few images of 10,000. */
const DEFAULT_INCREASE = 0.002;

export const sensitivityCommand: CommandModule = {
  configure(command: Command, context) {
    command
      .argument('<recipe>', 'trains the dense network, or takes it from the cache')
      .option('--set <key=value>', 'change the recipe; may be repeated', gather, [])
      .option('--keep <shares>', 'shares kept that are measured, e.g. 0.5,0.2,0.1,0.05', shares('--keep'))
      .option(
        '--steps <n>',
        'steps of retraining a point; 0 for none',
        wholeNumber('--steps'),
        DEFAULT_SENSITIVITY_STEPS,
      )
      .option('--suggest', 'derive qualities for a recipe from the curves')
      .option(
        '--max-error-increase <share>',
        'what all layers together may add',
        share('--max-error-increase'),
        DEFAULT_INCREASE,
      )
      .option('--svg <file>', 'write the curves as a picture')
      .option('--runs <folder>', 'where the cache lies', DEFAULT_RUNS)
      .option('--threads <n>', 'threads of the engine (default: all cores)', wholeNumber('--threads', 1))
      .option('--seed <n>', "instead of the recipe's", wholeNumber('--seed'))
      .option('--quiet', 'no progress')
      .addHelpText(
        'after',
        examples([
          ['espalier sensitivity recipes/lenet-5.yaml --svg curves.svg', 'table and picture'],
          ['espalier sensitivity recipes/lenet-5.yaml --suggest', 'and what to write into the recipe'],
        ]),
      )
      .action((file: string, options: SensitivityOptions) => measure(file, options, context));
  },
};

async function measure(file: string, options: SensitivityOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const folder = runsFolder(options.runs);
  const sets = { sets: options.set, threads: options.threads, seed: options.seed };
  const { recipe, folder: base } = readRecipe(file, sets);
  const inputs = readRunInputs(recipe, base);
  using _lock = lockFolder(folder, `sensitivity of ${recipe.name}`);
  using interrupt = onInterrupt(
    () => terminal.note('stopping'),
    () => undefined,
  );
  const { threads } = recipe.engine;
  const engine = await loadEngine(threads === undefined ? {} : { threads });
  const resolved = resolveInputs(inputs, engine);
  const dir = folder.store(IN_PROCESS_STORE);
  const store = await BlobStore.open(join(dir, 'store'));
  await storeInputs(inputs, store);
  const say = (text: string): void => (options.quiet ? undefined : terminal.note(text));
  const stage: StageContext = {
    store,
    cache: await RecordStore.open(join(dir, 'cache')),
    emit: () => undefined,
    signal: interrupt.signal,
    logger: silentLogger,
    threads: engine.threads,
    checkpointSeconds: 5,
  };
  try {
    say(`the dense network of ${recipe.name} and its curves: made, or taken from the cache`);
    const result = await sensitivity(resolved, stage, {
      retrainSteps: options.steps,
      ...(options.keep ? { keepShares: options.keep } : {}),
      onPoint: ({ layer, keep, error, retrainedError, done, total }) =>
        say(
          `${done}/${total} ${layer} ${percent(keep)} kept: error ${percent(error)}, retrained ${percent(retrainedError)}`,
        ),
    });
    const suggestions = options.suggest
      ? suggest(result, await denseKernels(resolved, stage), options.maxErrorIncrease)
      : undefined;
    if (options.svg !== undefined) writeOutput(options.svg, curvesSvg(recipe.name, result));
    present(terminal, options.json, { ...result, ...(suggestions ? { suggestions } : {}) }, () => {
      const more = suggestions ? `\n\n${suggestionText(suggestions, options.maxErrorIncrease)}` : '';
      return `${curvesTable(result)}${more}`;
    });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    context.exitCode = EXIT.interrupted;
  }
}

/** The kernels of the dense network that the curves were measured on. */
async function denseKernels(
  recipe: ResolvedRecipe,
  context: StageContext,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { spec } = nextStage(recipe, []) as { spec: StageSpec };
  const { result } = await runStageCached(spec, context);
  const { tensors } = await context.store.getSnapshot(result.outputs['snapshot'].digest);
  return new Map(
    [...tensors].flatMap(([name, { data }]) =>
      name.endsWith('/kernel') ? [[name, data as Float32Array]] : [],
    ),
  );
}
