/** `retrain`: trains the survivors, or (with `shared`) the centroids, from the start snapshot. */
import type { NetworkSpec } from '@espalier/models';
import { isParameterName, TENSOR_SUFFIXES, type Snapshot } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import type { TrainingConfig } from '../config';
import type { StageContext } from '../context';
import { stageKey, type StageResult, type StageSpec } from '../stage';
import { runTraining } from './training';

export async function runRetrain(
  spec: StageSpec,
  start: Snapshot,
  teacher: Snapshot | undefined,
  context: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as TrainingConfig;
  const from = config.keepOptimizer ? start : withoutSlots(start);
  const network = start.network as unknown as NetworkSpec;
  return runTraining(spec, stageKey(spec, sha256), { network, start: from, teacher }, context);
}

/** The snapshot without the optimizer's state: training then starts with fresh slots. */
export function withoutSlots(snapshot: Snapshot): Snapshot {
  const wanted: readonly string[] = [TENSOR_SUFFIXES.mask, TENSOR_SUFFIXES.codes, TENSOR_SUFFIXES.codebook];
  const kept = [...snapshot.tensors].filter(
    ([name]) => isParameterName(name) || wanted.some((suffix) => name.endsWith(suffix)),
  );
  return { network: snapshot.network, tensors: new Map(kept), info: {} };
}
