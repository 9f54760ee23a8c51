/** `run --in-process`: the same stages in this process, with the same log as a coordinator would write. */
import { newRunId, type JsonValue } from '@espalier/base';
import { loadEngine, requireTrainable } from '@espalier/engine';
import type { StagePlugins } from '@espalier/plugin-api';
import { openPluginHost, stagePlugins, type PluginPlace } from '@espalier/plugin-host';
import type { ResolvedRecipe } from '@espalier/recipe';
import {
  buildReport,
  pluginsInProcess,
  runInProcess,
  stageTitle,
  truncateToRound,
  type Report,
  type TimedStage,
} from '@espalier/stages';
import { BlobStore, RecordStore, RunLog } from '@espalier/store';
import { join } from 'node:path';
import { cliError } from './errors';
import { startObservers } from './observers';
import { placesOf } from './plugin-places';
import { RUN_FILES, type RunsFolder } from './runs-folder';
import { resolveInputs, storeInputs, type RunInputs } from './prepare-run';
import type { LoggedStage, RecordedRun } from './run-records';
import type { RunEvent } from './run-view';

export interface InProcessWish {
  readonly folder: RunsFolder;
  readonly inputs: RunInputs;
  /** The run to go on with. */
  readonly resume?: RecordedRun | undefined;
  /** Goes back to the end of this round first, and on from there by this recipe. */
  readonly undo?: { readonly toRound: number; readonly recipe: ResolvedRecipe };
  readonly signal: AbortSignal;
  onStart(id: string, recipe: ResolvedRecipe): void;
  onEvent(event: RunEvent): void;
  onNote(text: string): void;
}

export interface RunOutcome {
  readonly id: string;
  readonly recipe: ResolvedRecipe;
  readonly report: Report;
  readonly artifact: Uint8Array;
}

/** The folder's store for runs in this process. */
export const IN_PROCESS_STORE = 'in-process';

export async function runHere(wish: InProcessWish): Promise<RunOutcome> {
  const { folder, inputs, resume, undo, signal } = wish;
  const engine = await loadEngine(threadsOf(resume?.recipe.engine.threads ?? inputs.recipe.engine.threads));
  if (!resume) requireTrainable(inputs.recipe.network, engine);
  const recipe = undo?.recipe ?? resume?.recipe ?? resolveInputs(inputs, engine);
  const id = resume?.id ?? newRunId();
  const dir = folder.store(IN_PROCESS_STORE);
  const store = await BlobStore.open(join(dir, 'store'));
  const cache = await RecordStore.open(join(dir, 'cache'));
  await storeInputs(inputs, store);
  const finished = resume?.finished ?? [];
  const kept = undo ? finished.slice(0, truncateToRound(finished, undo.toRound, recipe).length) : finished;
  await using plugins = await pluginsHere(recipe, inputs.folder);
  await using log = await RunLog.open(folder.file(id, 'events'));
  const before = resume ? await log.read() : [];
  // Events come in the midst of a stage, which does not wait for the log: they queue up behind each other.
  let written: Promise<unknown> = Promise.resolve();
  const observers = startObservers(recipe, {
    run: id,
    folder: folder.run(id),
    base: inputs.folder,
    before,
    publish: async (observed) => {
      const mine = written.then(() => say('run.observed', observed));
      written = mine.catch(() => undefined);
      await mine;
    },
    note: (text) => wish.onNote(text),
  });
  await using _observing = observers;
  const say = async (type: string, fields: RunEvent['fields'], durable = true): Promise<void> => {
    const seq = durable ? (await log.append(type, fields)).seq : undefined;
    const event = { type, at: Date.now(), fields };
    observers.tell(event, seq);
    wish.onEvent(event);
  };
  if (!resume)
    await say('run.created', { recipe: plain(recipe), name: recipe.name, data: inputs.data.digest });
  else if (undo) await say('run.undone', { toRound: undo.toRound, kept: kept.length, recipe: plain(recipe) });
  else await say('run.resumed', {});
  wish.onStart(id, recipe);

  const queue = (type: string, fields: RunEvent['fields'], durable = true): void => {
    written = written.then(() => say(type, fields, durable));
  };
  let stages: TimedStage[];
  try {
    stages = await runInProcess(recipe, {
      store,
      cache,
      signal,
      plugins: plugins.stages,
      finished: await stillThere(kept, store),
      onStageStarted: (spec) => queue('stage.started', { title: stageTitle(spec), service: 'in-process' }),
      onStageEvent: (spec, { type, fields }) =>
        queue(`stage.${type}`, { title: stageTitle(spec), ...fields }, type !== 'progress'),
      onStageDone: ({ spec, key, result, seconds, cached }) =>
        queue('stage.done', {
          key,
          title: stageTitle(spec),
          spec: plain(spec),
          result: plain(result),
          service: 'in-process',
          seconds,
          cached,
        }),
    });
    await written;
  } catch (error) {
    await written;
    if (signal.aborted) {
      await say('run.stopped', {});
      throw cliError('CLI_STOPPED', { run: id }, { cause: error });
    }
    const { code = 'ERROR', message } = error as { code?: string; message: string };
    await say(code === 'PLUGIN_FAILED' ? 'run.paused' : 'run.failed', { code, message });
    throw error;
  }
  const report = buildReport(recipe, stages, { runId: id, artifactPath: RUN_FILES.artifact, engine, stages });
  await say('run.done', { report: plain(report) });
  return { id, recipe, report, artifact: await store.get(report.artifact.digest, { verify: true }) };
}

interface PluginsHere extends AsyncDisposable {
  readonly stages: StagePlugins;
}

/** Those that the recipe pins, started when a stage asks for them. */
async function pluginsHere(recipe: ResolvedRecipe, folder: string): Promise<PluginsHere> {
  const host = await openPluginHost({ allow: ['*'] });
  const places = (): Promise<PluginPlace[]> => placesOf(recipe, folder);
  return {
    stages: stagePlugins({ host, places, ours: pluginsInProcess() }),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

/** The stages of a run that goes on; from the first whose outputs another store has, they are run again. */
async function stillThere(finished: readonly LoggedStage[], store: BlobStore): Promise<LoggedStage[]> {
  const here: LoggedStage[] = [];
  for (const stage of finished) {
    for (const { kind, digest } of Object.values(stage.result.outputs)) {
      if (!(kind === 'snapshot' ? await store.hasSnapshot(digest) : await store.has(digest))) return here;
    }
    here.push(stage);
  }
  return here;
}

function threadsOf(threads: number | undefined): { threads?: number } {
  return threads === undefined ? {} : { threads };
}

function plain(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
