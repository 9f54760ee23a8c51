/** `espalier undo`: back to the end of a round, and on from there, the same way or another. */
import type { Command } from 'commander';
import { parseRecipe, type ResolvedRecipe } from '@espalier/recipe';
import { stageTitle, truncateToRound } from '@espalier/stages';
import { carryOut } from '../carry-out';
import { examples, type CommandContext, type CommandModule } from '../command';
import { wholeNumber } from '../parse';
import { readRunInputs } from '../prepare-run';
import { notOf, requireSameTraining } from '../replay';
import { addCarryOutOptions, type CarryOutOptions } from '../run-options';
import { requireRun } from '../run-records';
import { runsFolder } from '../runs-folder';

interface UndoOptions extends CarryOutOptions {
  readonly to: number;
}

export const undoCommand: CommandModule = {
  configure(command: Command, context) {
    command
      .argument('<id>', 'the run, or "last"')
      .requiredOption(
        '--to <round>',
        'the last round that stays; 0 is the dense network',
        wholeNumber('--to'),
      );
    addCarryOutOptions(command, {
      set: 'go on differently: --set retrain.learningRate.base=0.0005',
      hub: 'the hub that has the run, instead of services that are started here',
    })
      .addHelpText(
        'after',
        examples([
          ['espalier undo last --to 2', 'keep rounds 1 and 2, do the rest again'],
          ['espalier undo last --to 2 --set share.bits=4', 'the rest in another way'],
        ]),
      )
      .action((id: string, options: UndoOptions) => undo(id, options, context));
  },
};

async function undo(name: string, options: UndoOptions, context: CommandContext): Promise<void> {
  const folder = runsFolder(options.runs);
  const run = await requireRun(folder, name);
  const recipe = changed(run.recipe, options.set);
  requireSameTraining(run.recipe, recipe, options.set);
  const kept = run.finished.slice(0, truncateToRound(run.finished, options.to, recipe).length);
  const others = notOf(recipe, kept).map(({ spec }) => stageTitle(spec));
  if (others.length > 0 && !options.quiet) {
    context.terminal.note(`${others.join(', ')} stay as they are: the changed recipe does not replay them`);
  }
  const inputs = readRunInputs(recipe, '');
  await carryOut({ folder, inputs, resume: run, undo: { toRound: options.to, recipe }, options }, context);
}

function changed(recipe: ResolvedRecipe, sets: readonly string[]): ResolvedRecipe {
  if (sets.length === 0) return recipe;
  // What was resolved before stays: the data, the engine, given weights.
  return parseRecipe(JSON.stringify(recipe), { file: 'the resolved recipe', sets }).recipe as ResolvedRecipe;
}
