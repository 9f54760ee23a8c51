/**
 * A network that is taken as it is (`init` without `train`): stored and tested tensor by tensor, so that the engine alone
 * holds all of its weights.
 */
import type { JsonValue } from '@espalier/base';
import type { Samples } from '@espalier/datasets';
import { evaluateWeights, type Metrics } from '@espalier/engine';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { SNAPSHOT_VERSION, requireFinite, type Digest, type Tensor } from '@espalier/tensor';
import { collectUnused } from '../collect-unused';
import type { StageContext } from '../context';
import { readWeights } from '../import-weights';
import { countKept, isKernelName, type LayerCount } from '../kept';
import { loadStageData } from '../load-data';
import type { StageResult, StageSpec } from '../stage';
import { SnapshotDraft, StoredSnapshot } from '../stored-snapshot';
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

async function storeGiven(
  config: TrainConfig,
  file: Digest,
  { store }: StageContext,
): Promise<{ readonly id: Digest; readonly layers: readonly LayerCount[] }> {
  const network = config.network as NetworkSpec;
  const draft = new SnapshotDraft(store, {
    version: SNAPSHOT_VERSION,
    network: network as unknown as JsonValue,
    tensors: [],
    info: { step: 0 },
  });
  const layers: LayerCount[] = [];
  for await (const [name, value] of readWeights(network, { store, file, names: config.initNames ?? {} })) {
    requireFinite(value, name);
    await draft.set(name, value);
    if (isKernelName(name)) layers.push({ name, weights: value.data.length, kept: countKept(value.data) });
  }
  return { id: await draft.finish(), layers };
}

async function* parametersIn(
  stored: StoredSnapshot,
  network: NetworkSpec,
): AsyncGenerator<readonly [string, Tensor]> {
  for (const { name } of parametersOf(network)) {
    collectUnused();
    yield [name, await stored.tensor(name)];
  }
}
