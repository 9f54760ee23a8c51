/** A whole run without sockets: the same planner and the same stages, in this process, on one store. */
import { silentLogger, type Logger } from '@espalier/base';
import type { StagePlugins } from '@espalier/plugin-api';
import type { ResolvedRecipe } from '@espalier/recipe';
import type { BlobStore, RecordStore } from '@espalier/store';
import { sha256 } from '@espalier/tensor/digest';
import type { StageEvent } from './context';
import { nextStage } from './planner';
import { runStageCached } from './run-stage';
import { stageKey, type StageSpec, type FinishedStage } from './stage';
import type { StageWatcher } from './view/watcher';

export interface InProcessOptions {
  /** Holds the data set's manifest and blobs already. */
  readonly store: BlobStore;
  readonly cache: RecordStore;
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  readonly checkpointSeconds?: number;
  /** Default: ours only. */
  readonly plugins?: StagePlugins;
  /** Stages that are done already, in order; the run goes on after them. */
  readonly finished?: readonly TimedStage[];
  /** Gets what a stage shows beside its result. */
  watch?(spec: StageSpec): StageWatcher;
  onStageStarted?(spec: StageSpec): void;
  onStageEvent?(spec: StageSpec, event: StageEvent): void;
  onStageDone?(stage: TimedStage): void;
}

export interface TimedStage extends FinishedStage {
  readonly seconds: number;
  readonly cached: boolean;
}

/** Runs a recipe to its end and returns its stages. What is in the cache is not run again. */
export async function runInProcess(recipe: ResolvedRecipe, options: InProcessOptions): Promise<TimedStage[]> {
  const finished: TimedStage[] = [...(options.finished ?? [])];
  for (;;) {
    const next = nextStage(recipe, finished);
    if (next.step === 'done') return finished;
    const { spec } = next;
    options.onStageStarted?.(spec);
    const startedMs = performance.now();
    const { result, cached } = await runStageCached(spec, {
      store: options.store,
      cache: options.cache,
      emit: (event) => options.onStageEvent?.(spec, event),
      signal: options.signal ?? new AbortController().signal,
      logger: options.logger ?? silentLogger,
      threads: recipe.engine.threads,
      checkpointSeconds: options.checkpointSeconds ?? DEFAULT_CHECKPOINT_SECONDS,
      ...(options.plugins && { plugins: options.plugins }),
      ...(options.watch && { watcher: options.watch(spec) }),
    });
    const seconds = (performance.now() - startedMs) / 1000;
    const stage = { spec, key: stageKey(spec, sha256), result, cached, seconds };
    finished.push(stage);
    options.onStageDone?.(stage);
  }
}

/** A checkpoint of a LeNet takes milliseconds; five seconds of lost work are no loss. */
export const DEFAULT_CHECKPOINT_SECONDS = 5;
