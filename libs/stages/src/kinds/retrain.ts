/** `retrain`: trains the survivors, or (with `shared`) the centroids, from the start snapshot, by `straightThrough` after the weights behind them. */
import type { NetworkSpec } from '@espalier/models';
import { isParameterName, TENSOR_SUFFIXES, type Snapshot } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { sharedKernelsOf, withLatents } from '../codebook-refresher';
import type { TrainingConfig } from '../config';
import type { StageContext } from '../context';
import { stageKey, type StageResult, type StageSpec } from '../stage';
import type { StoredSnapshot } from '../stored-snapshot';
import { runTraining } from './training';

export interface RetrainInputs {
  readonly start: Snapshot;
  readonly teacher?: Snapshot;
  /** The weights before they were shared, where `needsLatent`. */
  readonly latent?: StoredSnapshot;
}

export function needsLatent({ config }: StageSpec): boolean {
  return (config as unknown as TrainingConfig).straightThrough !== undefined;
}

export async function runRetrain(
  spec: StageSpec,
  { start, teacher, latent }: RetrainInputs,
  context: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as TrainingConfig;
  const from = config.keepOptimizer ? start : withoutSlots(start);
  const network = start.network as unknown as NetworkSpec;
  const behind = latent && withLatents(start, await latent.load(sharedKernelsOf(start)));
  const inputs = { network, start: from, teacher, latent: behind && withoutSlots(behind) };
  return runTraining(spec, stageKey(spec, sha256), inputs, context);
}

/** The snapshot without the optimizer's state: training then starts with fresh slots. */
export function withoutSlots(snapshot: Snapshot): Snapshot {
  const { mask, codes, codebook, signs } = TENSOR_SUFFIXES;
  const wanted: readonly string[] = [mask, codes, codebook, signs];
  const kept = [...snapshot.tensors].filter(
    ([name]) => isParameterName(name) || wanted.some((suffix) => name.endsWith(suffix)),
  );
  return { network: snapshot.network, tensors: new Map(kept), info: {} };
}
