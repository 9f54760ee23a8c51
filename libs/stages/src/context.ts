/** What a stage gets from whoever runs it: a service, the in-process runner, a test. */
import type { JsonValue, Logger } from '@espalier/base';
import type { StagePlugins } from '@espalier/plugin-api';
import type { BlobStore, RecordStore } from '@espalier/store';
import { pluginsInProcess } from './plugins';
import type { StageWatcher } from './view/watcher';

/** A thing that happened inside a stage. `progress` may be dropped when viewers are slow; the rest may not. */
export interface StageEvent {
  readonly type: 'progress' | 'layers' | 'note' | 'measured';
  /** progress: {step, steps, epoch, epochs, loss, learningRate, error?, secondsLeft}; layers: {layers: [{name, weights, kept}]}; measured: {layer, keep, error, retrainedError, denseError, retrainSteps, done, total}. */
  readonly fields: { readonly [key: string]: JsonValue | undefined };
}

export interface StageContext {
  /** Holds the stage's inputs before it starts, and its outputs when it ends. */
  readonly store: BlobStore;
  /** Results and checkpoints of this store, by stage key. */
  readonly cache: RecordStore;
  emit(event: StageEvent): void;
  /** Absent where nobody watches: the stage's result is the same. */
  readonly watcher?: StageWatcher;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Threads of the engine; part of its fingerprint. */
  readonly threads: number;
  /** A checkpoint is written at most this often, in seconds. */
  readonly checkpointSeconds: number;
  /** Finds what the references of the config name. Default: ours only. */
  readonly plugins?: StagePlugins;
}

export function pluginsOf({ plugins }: StageContext): StagePlugins {
  return plugins ?? pluginsInProcess();
}
