/** What a run leaves in its folder, written when it is done, and what is said of it. */
import { writeResolved } from '@espalier/recipe';
import { reportMarkdown, withFallbacks, type Report } from '@espalier/stages';
import { relative } from 'node:path';
import { evaluateInFreshProcess } from './eval-process';
import { writeOutput } from './files';
import type { Terminal } from './output/terminal';
import { fields } from './output/table';
import type { RunOutcome } from './run-in-process';
import { replayCaveat } from './replay';
import { readRun } from './run-records';
import { RUN_FILES, type RunsFolder } from './runs-folder';

export interface Finished {
  readonly report: Report;
  /** Running its recipe again gives the same artifact. */
  readonly replays: boolean;
}

/** Writes the artifact, tests it in a fresh process, writes the reports. Returns the report with that test's error. */
export async function finishRun(
  outcome: RunOutcome,
  folder: RunsFolder,
  signal: AbortSignal,
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
  const { error } = await evaluateInFreshProcess(file, recipe.data, { threads, signal });
  const report: Report = {
    ...outcome.report,
    run: id,
    artifact: { ...outcome.report.artifact, path: RUN_FILES.artifact, error },
  };
  writeOutput(folder.file(id, 'reportJson'), `${JSON.stringify(report, undefined, 2)}\n`);
  writeOutput(folder.file(id, 'reportText'), reportMarkdown(report));
  return { report, replays: caveat === undefined };
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
