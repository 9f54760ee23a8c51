/** What the log of a run says: its recipe, the stages that it has done, and the view that a watcher has of it. */
import type { JsonValue } from '@espalier/base';
import { withSwap, type ResolvedRecipe, type Swap } from '@espalier/recipe';
import type { FinishedStage, StageResult, StageSpec } from '@espalier/stages';
import { RunLog, readRunLog, type LogRecord } from '@espalier/store';
import { cliError } from './errors';
import { emptyView, updateView, type RunView } from './run-view';
import type { RunsFolder } from './runs-folder';

export interface LoggedStage extends FinishedStage {
  readonly seconds: number;
  readonly cached: boolean;
  /** What the run's recipe said then: an undo may have changed it since. */
  readonly recipe: ResolvedRecipe;
}

export interface RecordedRun {
  readonly id: string;
  readonly recipe: ResolvedRecipe;
  readonly finished: readonly LoggedStage[];
  readonly view: RunView;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The run, or undefined when its log does not begin as one. @throws STORE_LOG_* */
export async function readRun(folder: RunsFolder, id: string): Promise<RecordedRun | undefined> {
  return foldRecords(id, await readRunLog(folder.file(id, 'events')));
}

/** The run that a person means. @throws CLI_RUN_UNKNOWN, STORE_LOG_* */
export async function requireRun(folder: RunsFolder, name: string): Promise<RecordedRun> {
  const id = folder.find(name);
  const run = await readRun(folder, id);
  if (run) return run;
  throw cliError('CLI_RUN_UNKNOWN', {
    run: name,
    folder: folder.path,
    present: 'a log that does not begin a run',
  });
}

/**
 * Runs that were going on when their process died are stopped in their logs: a coordinator that is started here for
 * another run would go on with them. The folder must be locked.
 */
export async function stopCutRuns(folder: RunsFolder): Promise<readonly string[]> {
  const stopped: string[] = [];
  for (const id of folder.ids()) {
    // A log that cannot be read is left alone; the coordinator leaves it out as well.
    const run = await readRun(folder, id).catch(() => undefined);
    if (!run || (run.view.status !== 'running' && run.view.status !== 'waiting')) continue;
    await using log = await RunLog.open(folder.file(id, 'events'));
    await log.append('run.stopped', { reason: 'its process has gone' });
    stopped.push(id);
  }
  return stopped;
}

/** Pure. */
export function foldRecords(id: string, records: readonly LogRecord[]): RecordedRun | undefined {
  const [first] = records;
  if (first?.type !== 'run.created') return undefined;
  let recipe = first.fields['recipe'];
  let finished: LoggedStage[] = [];
  let view = emptyView(first.at);
  for (const { type, at, fields } of records) {
    view = updateView(view, { type, at, fields });
    if (type === 'stage.done') {
      finished.push({ ...loggedStage(fields), recipe: recipe as unknown as ResolvedRecipe });
    }
    if (type === 'run.swapped') {
      const swap = fields as unknown as Swap;
      recipe = withSwap(recipe as unknown as ResolvedRecipe, swap) as unknown as JsonValue;
    }
    if (type === 'run.undone') {
      finished = finished.slice(0, fields['kept'] as number);
      recipe = fields['recipe'] ?? recipe;
    }
  }
  return {
    id,
    recipe: recipe as unknown as ResolvedRecipe,
    finished,
    view,
    createdAt: first.at,
    updatedAt: (records.at(-1) as LogRecord).at,
  };
}

/** The log's checksums vouch that a record is what this program wrote. */
function loggedStage(fields: { readonly [key: string]: JsonValue | undefined }): Omit<LoggedStage, 'recipe'> {
  return {
    spec: fields['spec'] as unknown as StageSpec,
    key: fields['key'] as string,
    result: fields['result'] as unknown as StageResult,
    seconds: (fields['seconds'] as number | undefined) ?? 0,
    cached: fields['cached'] === true,
  };
}

/** Everything that a run's stages started from or made: what must stay on the disk for it. */
export function digestsOf({ recipe, finished }: RecordedRun): readonly string[] {
  const used = finished.flatMap(({ spec, result }) => [
    ...Object.values(spec.inputs),
    ...Object.values(result.outputs),
  ]);
  const { data, init } = recipe.resolved;
  return [...new Set([data, ...(init === undefined ? [] : [init]), ...used.map(({ digest }) => digest)])];
}
