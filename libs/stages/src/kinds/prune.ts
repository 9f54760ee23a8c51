/** `prune`: new masks for the start snapshot; removed weights and their optimizer slots become +0.0. */
import { Random, type JsonValue } from '@espalier/base';
import { openSession } from '@espalier/engine';
import type { NetworkSpec } from '@espalier/models';
import { applyMasks } from '@espalier/pruning';
import type { Snapshot } from '@espalier/tensor';
import type { PruneConfig } from '../config';
import type { StageContext } from '../context';
import { keptCounts } from '../kept';
import { loadStageData } from '../load-data';
import { pruneSnapshot } from '../prune-snapshot';
import type { StageResult, StageSpec } from '../stage';

export async function runPrune(
  spec: StageSpec,
  start: Snapshot,
  context: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as PruneConfig;
  const { masks, thresholds } = await pruneSnapshot(start, {
    ...config,
    random: new Random(spec.seed).fork(`prune-${spec.round ?? 0}`),
    gradients: () => accumulateGradients(spec, config, start, context),
  });
  const pruned = { ...start, tensors: applyMasks(start.tensors, masks) };
  const layers = keptCounts(pruned).map((layer) => ({
    ...layer,
    threshold: thresholds.get(layer.name) ?? null,
  }));
  context.emit({ type: 'layers', fields: { layers: layers as unknown as JsonValue } });
  const { id: digest } = await context.store.putSnapshot(pruned);
  return {
    outputs: { snapshot: { kind: 'snapshot', digest } },
    metrics: { layers: layers as unknown as JsonValue },
  };
}

async function accumulateGradients(
  spec: StageSpec,
  config: PruneConfig,
  start: Snapshot,
  context: StageContext,
): Promise<Map<string, Float32Array>> {
  const data = await loadStageData(context.store, spec.data as string, config.heldOut);
  const session = await openSession({
    network: start.network as unknown as NetworkSpec,
    initial: start,
    seed: spec.seed,
    optimizer: { kind: 'sgd', momentum: 0 },
    learningRate: { kind: 'constant', base: 0 },
    batchSize: config.batchSize,
    data,
  });
  try {
    return await session.gradients({ batches: config.gradientBatches });
  } finally {
    await session[Symbol.asyncDispose]();
  }
}
