/**
 * A network that is taken as it is (`init` without `train`): stored and tested. No training session is opened, so that
 * the weights are in memory twice at most: as they were given, and in the engine.
 */
import type { JsonValue } from '@espalier/base';
import { evaluateSnapshot, type Metrics } from '@espalier/engine';
import type { NetworkSpec } from '@espalier/models';
import { requireFinite, type Digest, type Snapshot } from '@espalier/tensor';
import type { Samples } from '@espalier/datasets';
import type { TrainingConfig } from '../config';
import type { StageContext } from '../context';
import { keptCounts } from '../kept';
import { loadStageData } from '../load-data';
import type { StageResult, StageSpec } from '../stage';

/** Throws TENSOR_NOT_FINITE. */
export async function runTakeOver(
  spec: StageSpec,
  given: Snapshot,
  context: StageContext,
): Promise<StageResult> {
  const { heldOut: count } = spec.config as unknown as TrainingConfig;
  for (const [name, value] of given.tensors) requireFinite(value, name);
  const snapshot = { ...given, info: { step: 0 } };
  const { id } = await context.store.putSnapshot(snapshot);
  const { test, heldOut } = await loadStageData(context.store, spec.data as Digest, count);
  const network = given.network as unknown as NetworkSpec;
  const tested = (samples: Samples): Promise<Metrics> => evaluateSnapshot({ network, snapshot, samples });
  const { error, top5Error, loss } = await tested(test);
  const held = heldOut && (await tested(heldOut));
  return {
    outputs: { snapshot: { kind: 'snapshot', digest: id } },
    metrics: {
      steps: 0,
      testError: error,
      testTop5Error: top5Error,
      testLoss: loss,
      heldOutError: held?.error,
      heldOutLoss: held?.loss,
      layers: keptCounts(snapshot) as unknown as JsonValue,
    },
  };
}
