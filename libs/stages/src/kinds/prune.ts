/** `prune`: new masks for the start snapshot; removed weights and their optimizer slots become +0.0. */
import { Random, type JsonValue } from '@espalier/base';
import type { NetworkSpec } from '@espalier/models';
import { applyMaskInPlace } from '@espalier/pruning';
import { TENSOR_SUFFIXES, requireTensor } from '@espalier/tensor';
import type { PruneConfig } from '../config';
import { pluginsOf, type StageContext } from '../context';
import { countKept, isKernelName, type LayerCount } from '../kept';
import { kernelsToPrune, pruneSnapshot, prunersOf } from '../prune-snapshot';
import { sensitivitiesOf } from '../sensitivities';
import type { StageResult, StageSpec } from '../stage';
import type { StoredSnapshot } from '../stored-snapshot';

/** Layer by layer, so that one layer is in memory at a time; all together where their scores compete. */
export async function runPrune(
  spec: StageSpec,
  start: StoredSnapshot,
  context: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as PruneConfig;
  const pruners = await prunersOf(config, pluginsOf(context));
  const { minimumKept, keep, quality } = config;
  const options = {
    ...pruners,
    minimumKept,
    keep,
    quality,
    random: new Random(spec.seed).fork(`prune-${spec.round ?? 0}`),
    ...sensitivitiesOf(spec, config, { start: () => start.all(), context }),
  };
  const kernels = await kernelsToPrune(start.network as unknown as NetworkSpec, options);
  const together = keep && 'global' in keep;
  const draft = start.draft();
  const pruned = new Map<string, LayerCount & { threshold: number }>();
  for (const group of together ? [kernels] : kernels.map((kernel) => [kernel])) {
    const { tensors, ...rest } = await start.load(group.flatMap(({ name }) => partsOf(name)));
    const { masks, thresholds } = await pruneSnapshot({ tensors, ...rest }, options, group);
    for (const [name, mask] of masks) {
      for (const [changed, value] of applyMaskInPlace(tensors, name, mask)) await draft.set(changed, value);
      const { data } = requireTensor({ tensors, ...rest }, name);
      const threshold = thresholds.get(name) as number;
      pruned.set(name, { name, weights: data.length, kept: countKept(data), threshold });
    }
  }
  const layers: JsonValue[] = [];
  for (const name of start.names.filter(isKernelName)) {
    const layer = pruned.get(name) ?? (await untouched(start, name));
    layers.push(layer as unknown as JsonValue);
  }
  context.emit({ type: 'layers', fields: { layers } });
  return {
    outputs: { snapshot: { kind: 'snapshot', digest: await draft.finish() } },
    metrics: { layers },
  };
}

/** What pruning a kernel reads and changes. */
function partsOf(name: string): string[] {
  const { mask, momentum, firstMoment, secondMoment } = TENSOR_SUFFIXES;
  return ['', mask, momentum, firstMoment, secondMoment].map((suffix) => name + suffix);
}

async function untouched(
  start: StoredSnapshot,
  name: string,
): Promise<LayerCount & { readonly threshold: null }> {
  const { data } = await start.tensor(name);
  return { name, weights: data.length, kept: countKept(data), threshold: null };
}
