/** What a criterion may ask of the data: gradients of a snapshot, in a session that is opened when one asks. */
import type { Samples } from '@espalier/datasets';
import { openSession, type TrainingSession } from '@espalier/engine';
import type { NetworkSpec } from '@espalier/models';
import type { Snapshot } from '@espalier/tensor';
import type { PruneConfig } from './config';
import type { StageContext } from './context';
import { inputNormsOf } from './input-norms';
import { loadStageData, type StageData } from './load-data';
import type { StageSpec } from './stage';
import { unitTaylorOf } from './unit-taylor';

export interface Sensitivities {
  /** Mean gradient by kernel. */
  gradients(): Promise<ReadonlyMap<string, Float32Array>>;
  /** See `ScoreInput.unitTaylor`; [units] by kernel. */
  unitTaylor(): Promise<ReadonlyMap<string, Float32Array>>;
  /** See `ScoreInput.inputNorms`; [in] by kernel. */
  inputNorms(): Promise<ReadonlyMap<string, Float32Array>>;
}

interface SessionQuestions {
  readonly batches: number;
  readonly batchSize: number;
  /** What the session trains on. */
  readonly samples: Samples;
}

/** Those of a session that trains. */
export function sensitivitiesIn(
  session: TrainingSession,
  { batches, batchSize, samples }: SessionQuestions,
): Sensitivities {
  const options = { batches };
  return {
    gradients: () => session.gradients(options),
    unitTaylor: () => unitTaylorOf(session, options),
    inputNorms: () => inputNormsOf(session.read(), samples, batches * batchSize),
  };
}

/** Those of a stage's start snapshot; each is worked out once. */
export function sensitivitiesOf(
  spec: StageSpec,
  config: Pick<PruneConfig, 'gradientBatches' | 'batchSize' | 'heldOut'>,
  { start, context }: { readonly start: () => Promise<Snapshot>; readonly context: StageContext },
): Sensitivities {
  const data = (): Promise<StageData> => loadStageData(context.store, spec.data as string, config.heldOut);
  const ask = async <T>(question: (sensitivities: Sensitivities) => Promise<T>): Promise<T> => {
    const initial = await start();
    const { gradientBatches: batches, batchSize } = config;
    const loaded = await data();
    await using session = await openSession({
      network: initial.network as unknown as NetworkSpec,
      initial,
      seed: spec.seed,
      optimizer: { kind: 'sgd', momentum: 0 },
      learningRate: { kind: 'constant', base: 0 },
      batchSize: config.batchSize,
      data: loaded,
    });
    return await question(sensitivitiesIn(session, { batches, batchSize, samples: loaded.train }));
  };
  let gradients: Promise<ReadonlyMap<string, Float32Array>> | undefined;
  let inputNorms: Promise<ReadonlyMap<string, Float32Array>> | undefined;
  let unitTaylor: Promise<ReadonlyMap<string, Float32Array>> | undefined;
  return {
    gradients: () => (gradients ??= ask((each) => each.gradients())),
    unitTaylor: () => (unitTaylor ??= ask((each) => each.unitTaylor())),
    // No session of its own: activations want no gradients.
    inputNorms: () =>
      (inputNorms ??= (async () => {
        const { train } = await data();
        return inputNormsOf(await start(), train, config.gradientBatches * config.batchSize);
      })()),
  };
}
