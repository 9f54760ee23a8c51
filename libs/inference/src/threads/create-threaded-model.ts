/** `createModel` as Node has it: with threads. */
import type { StartThread } from '@espalier/threads';
import { createModelBy, type Model, type ModelOptions } from '../create-model';
import { threadError } from '../errors';
import type { ModelSource } from '../source';
import { buildThreaded } from './threaded-program';

export interface ThreadedModelOptions extends ModelOptions {
  /**
   * How many threads do the large dense layers (2^16 kept weights and more), the caller's among them. `measure` (default): as many as
   * pay here, which takes some 50 ms of a large model. The logits have the same bits with any number of threads; threads end
   * when the model is disposed of, and keep no process alive.
   */
  readonly threads?: number | 'measure';
  /** Starts a thread; for tests. */
  readonly startThread?: StartThread;
}

/** Throws what `createModelBy` throws, and INFERENCE_THREADS, INFERENCE_THREAD. */
export function createModel(
  artifact: Uint8Array | ModelSource,
  options: ThreadedModelOptions = {},
): Promise<Model> {
  const { threads = 'measure', startThread, now = () => performance.now(), ...rest } = options;
  if (threads !== 'measure' && !(Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS))
    return Promise.reject(threadError('INFERENCE_THREADS', { threads, most: MAX_THREADS }));
  return createModelBy(
    (platform, spec) =>
      buildThreaded(platform, spec, { threads, now, sample: options.sample, start: startThread }),
    artifact,
    { ...rest, now },
  );
}

const MAX_THREADS = 64;
