/**
 * A network that is taken as it is (`init` without `train`): stored, and tested tensor by tensor, so that its weights are
 * in memory once as they were given, and then once in the engine.
 */
import type { JsonValue } from '@espalier/base';
import type { Samples } from '@espalier/datasets';
import { evaluateWeights, type Metrics } from '@espalier/engine';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { requireFinite, type Digest, type Tensor } from '@espalier/tensor';
import type { StageContext } from '../context';
import { importWeights } from '../import-weights';
import { keptCounts, type LayerCount } from '../kept';
import { loadStageData } from '../load-data';
import type { StageResult, StageSpec } from '../stage';
import { StoredSnapshot } from '../stored-snapshot';
import type { TrainConfig } from './train';

/** Throws STAGE_INIT_*, TENSOR_NOT_FINITE, SAFETENSORS_*. */
export async function runTakeOver(
  spec: StageSpec,
  init: Digest,
  context: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as TrainConfig;
  const network = config.network as NetworkSpec;
  const { id, layers } = await storeGiven(config, init, context);
  const { test, heldOut } = await loadStageData(context.store, spec.data as Digest, config.heldOut);
  const stored = await StoredSnapshot.open(context.store, id);
  const tested = (samples: Samples): Promise<Metrics> =>
    evaluateWeights({ network, tensors: parametersIn(stored, network), samples });
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
      layers: layers as unknown as JsonValue,
    },
  };
}

/** The file's bytes are not held beyond this call. */
async function storeGiven(
  config: TrainConfig,
  init: Digest,
  { store }: StageContext,
): Promise<{ readonly id: Digest; readonly layers: readonly LayerCount[] }> {
  const network = config.network as NetworkSpec;
  const given = importWeights(network, await store.get(init), config.initNames ?? {});
  for (const [name, value] of given.tensors) requireFinite(value, name);
  const { id } = await store.putSnapshot({ ...given, info: { step: 0 } });
  return { id, layers: keptCounts(given) };
}

async function* parametersIn(
  stored: StoredSnapshot,
  network: NetworkSpec,
): AsyncGenerator<readonly [string, Tensor]> {
  for (const { name } of parametersOf(network)) yield [name, await stored.tensor(name)];
}
