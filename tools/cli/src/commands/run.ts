/** `espalier run`: one recipe, from its data to a file that was tested. */
import { loadEngine, requireTrainable } from '@espalier/engine';
import type { Command } from 'commander';
import { carryOut } from '../carry-out';
import { examples, type CommandContext, type CommandModule } from '../command';
import { dryRunText, plannedStages, type DryRun } from '../dry-run';
import { cliError } from '../errors';
import { DEFAULT_RECIPE } from '../installation';
import { present } from '../output/terminal';
import { wholeNumber } from '../parse';
import { predict } from '../prediction';
import {
  dataBytes,
  readRecipeWithPlugins,
  readRunInputs,
  resolveInputs,
  type RunInputs,
} from '../prepare-run';
import { addCarryOutOptions, type CarryOutOptions } from '../run-options';
import { requireRun } from '../run-records';
import { runsFolder, type RunsFolder } from '../runs-folder';
import { requireSpace, spaceFor } from '../space';

interface RunOptions extends CarryOutOptions {
  readonly resume?: string;
  readonly dryRun?: boolean;
  readonly threads?: number;
  readonly seed?: number;
}

export const runCommand: CommandModule = {
  configure(command: Command, context) {
    command.argument('[recipe]', 'a recipe (default: recipes/lenet-300-100.yaml of the installation)');
    addCarryOutOptions(command, {
      set: 'change the recipe: --set train.epochs=3; may be repeated',
      hub: 'let the services of this hub do it, instead of starting some',
    })
      .option('--resume <id>', 'go on with a run that was stopped; "last" is the latest')
      .option('--dry-run', 'only say what would happen')
      .option('--threads <n>', 'threads of the engine (default: all cores)', wholeNumber('--threads', 1))
      .option('--seed <n>', "instead of the recipe's", wholeNumber('--seed'))
      .addHelpText(
        'after',
        examples([
          ['espalier run', 'LeNet-300-100 on MNIST'],
          ['espalier run recipes/lenet-5.yaml --set prune.keep.global=0.05', 'another recipe, changed'],
          ['espalier run recipes/quick.yaml --dry-run', 'layers, shares, bytes, disk, cached stages'],
          ['espalier run --resume last', 'after a Ctrl-C, a crash or a power cut'],
          ['espalier run --hub ws://10.0.0.5:7000 --token-file token --host 10.0.0.9', 'on other machines'],
        ]),
      )
      .action((recipe: string | undefined, options: RunOptions) => run(recipe, options, context));
  },
};

async function run(file: string | undefined, options: RunOptions, context: CommandContext): Promise<void> {
  refuseBesideResume(file, options);
  const { terminal } = context;
  const folder = runsFolder(options.runs);
  const resume = options.resume === undefined ? undefined : await requireRun(folder, options.resume);
  const inputs = resume ? readRunInputs(resume.recipe, '') : await inputsOf(file, options);
  const prediction = predict(inputs.recipe);
  const where = { folder: folder.path, inProcess: options.inProcess ?? false };
  const space = spaceFor(prediction, dataBytes(inputs.data), where);
  if (options.dryRun) {
    const plan = await dryRun(inputs, folder, { prediction, space });
    return present(terminal, options.json, plan, () => dryRunText(plan));
  }
  requireSpace(space, folder.path);
  await carryOut({ folder, inputs, options, ...(resume ? { resume } : {}) }, context);
}

/** A run goes on by the recipe that it was begun with. @throws CLI_RESUME_WITH */
export function refuseBesideResume(
  file: string | undefined,
  { resume, set, seed, threads }: Pick<RunOptions, 'resume' | 'set' | 'seed' | 'threads'>,
): void {
  if (resume === undefined) return;
  const given = [
    ...(file === undefined ? [] : [`the recipe "${file}"`]),
    ...(set.length === 0 ? [] : ['--set']),
    ...(seed === undefined ? [] : ['--seed']),
    ...(threads === undefined ? [] : ['--threads']),
  ];
  if (given.length > 0) throw cliError('CLI_RESUME_WITH', { run: resume, given: given.join(', ') });
}

async function inputsOf(file: string | undefined, options: RunOptions): Promise<RunInputs> {
  const sets = { sets: options.set, threads: options.threads, seed: options.seed };
  const { recipe, folder, plugins } = await readRecipeWithPlugins(file ?? DEFAULT_RECIPE, sets);
  return readRunInputs(recipe, folder, plugins);
}

async function dryRun(
  inputs: RunInputs,
  folder: RunsFolder,
  facts: Pick<DryRun, 'prediction' | 'space'>,
): Promise<DryRun> {
  const { recipe } = inputs;
  const { threads } = recipe.engine;
  const engine = await loadEngine(threads === undefined ? {} : { threads });
  requireTrainable(recipe.network, engine);
  const resolved = resolveInputs(inputs, engine);
  const stages = await plannedStages(resolved, folder);
  const plugins = Object.entries(resolved.plugins ?? {}).map(([name, { from, version, digest }]) => ({
    name,
    from,
    version,
    digest,
  }));
  const { name, network, seed } = recipe;
  return { recipe: name, network: network.name, seed, ...facts, stages, plugins };
}
