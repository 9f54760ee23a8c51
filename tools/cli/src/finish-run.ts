/** What a run leaves in its folder, written when it is done, and what is said of it. */
import { splitReference } from '@espalier/plugin-api';
import { writeResolved, type ResolvedRecipe } from '@espalier/recipe';
import { reportMarkdown, withFallbacks, type Report } from '@espalier/stages';
import { relative } from 'node:path';
import { evaluateInFreshProcess } from './eval-process';
import { writeOutput } from './files';
import type { Terminal } from './output/terminal';
import { fields } from './output/table';
import { pluginFolder } from './plugin-places';
import type { RunOutcome } from './run-in-process';
import { replayCaveat } from './replay';
import { readRun } from './run-records';
import { RUN_FILES, type RunsFolder } from './runs-folder';

export interface Finished {
  readonly report: Report;
  /** Running its recipe again gives the same artifact. */
  readonly replays: boolean;
}

/**
 * Writes the artifact, tests it in a fresh process, writes the reports. Returns the report with that test's error.
 * @param base the folder of the recipe, where its plugins are looked for
 */
export async function finishRun(
  outcome: RunOutcome,
  folder: RunsFolder,
  { base, signal }: { readonly base: string; readonly signal: AbortSignal },
): Promise<Finished> {
  const { id, artifact } = outcome;
  const file = folder.file(id, 'artifact');
  const record = await readRun(folder, id);
  const stages = record?.finished ?? [];
  // With what was swapped on the way, and where fallbacks stood in.
  const recipe = withFallbacks(record?.recipe ?? outcome.recipe, stages);
  const caveat = replayCaveat(recipe, stages);
  writeOutput(folder.file(id, 'recipe'), writeResolved(recipe, caveat));
  writeOutput(file, artifact);
  const { threads } = recipe.engine;
  const { error } = await evaluateInFreshProcess(file, recipe.data, {
    threads,
    signal,
    plugins: await decodersOf(recipe, base),
  });
  const report: Report = {
    ...outcome.report,
    run: id,
    artifact: { ...outcome.report.artifact, path: RUN_FILES.artifact, error },
  };
  writeOutput(folder.file(id, 'reportJson'), `${JSON.stringify(report, undefined, 2)}\n`);
  writeOutput(folder.file(id, 'reportText'), reportMarkdown(report));
  return { report, replays: caveat === undefined };
}

/** The folder of the plugin that the recipe's codec is of: who named it there allows it here. */
async function decodersOf({ encode, plugins = {} }: ResolvedRecipe, base: string): Promise<string[]> {
  const { plugin } = splitReference(encode.codec?.name ?? '');
  return plugin === undefined || !Object.hasOwn(plugins, plugin)
    ? []
    : [await pluginFolder(plugin, plugins[plugin].from, base)];
}

/** The tables beside the paper's, and where everything is. */
export function sayDone(terminal: Terminal, { report, replays }: Finished, folder: RunsFolder): void {
  const { bold } = terminal.style;
  const here = (file: keyof typeof RUN_FILES): string => relative('', folder.file(report.run, file));
  terminal.out(`\n${reportMarkdown(report).trimEnd()}\n`);
  terminal.out(bold('In this run'));
  terminal.out(
    fields([
      ['the network', here('artifact')],
      ['report', `${here('reportText')}, ${here('reportJson')}`],
      replays
        ? ['replay', `espalier run ${here('recipe')}`]
        : ['recipe', `${here('recipe')}; it does not replay, and says why`],
      ['log', here('events')],
      ['look inside', `espalier inspect ${here('artifact')}`],
      ['try it', `espalier predict ${here('artifact')} mnist:test:0`],
    ]),
  );
}
