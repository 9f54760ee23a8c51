/** What the bench `inference` leaves in docs/results. */
import type { TimedBench } from '../circumstances';
import type { EngineAnswers } from './engine-answers';
import type { Peer } from './peers';

export interface InferenceRow {
  readonly runtime: 'espalier' | Peer;
  readonly version: string;
  /** Of Espalier there is a row for one thread, and one for two where a layer is large enough. */
  readonly threads: number;
  readonly batch: number;
  /** Microseconds a call: the median of the rounds' medians. */
  readonly us: number;
  /** Logits against ours, relative to the largest. */
  readonly difference: number;
}

/** The fastest of a runtime, of those with so many threads where that is said. */
export function rowOf(
  rows: readonly InferenceRow[],
  wanted: Pick<InferenceRow, 'runtime' | 'batch'> & Partial<Pick<InferenceRow, 'threads'>>,
): InferenceRow | undefined {
  return rows
    .filter(({ runtime, batch }) => runtime === wanted.runtime && batch === wanted.batch)
    .filter(({ threads }) => wanted.threads === undefined || threads === wanted.threads)
    .sort((a, b) => a.us - b.us)[0];
}

export interface InferenceCaseResults {
  readonly name: string;
  readonly inputs: string;
  readonly weights: number;
  readonly kept: number;
  /** Of an artifact; error as a share of MNIST's test images. */
  readonly bytes?: number;
  readonly denseBytes?: number;
  readonly error?: number;
  /** Milliseconds from decoded weights to a model that runs, measuring included. */
  readonly createMs: number;
  readonly plan: readonly string[];
  /** Of networks that take MNIST's images: beside the engine's, on all test images. */
  readonly answers?: EngineAnswers;
  readonly rows: readonly InferenceRow[];
}

export interface InferenceResults extends TimedBench<'inference'> {
  readonly rounds: number;
  readonly secondsEach: number;
  readonly cases: readonly InferenceCaseResults[];
}
