/** `prune`: new masks for the start snapshot; removed weights and their optimizer slots become +0.0. */
import { Random, type JsonValue } from '@espalier/base';
import type { NetworkSpec } from '@espalier/models';
import { applyMaskInPlace } from '@espalier/pruning';
import { TENSOR_SUFFIXES, requireTensor, type Digest } from '@espalier/tensor';
import type { PruneConfig } from '../config';
import { pluginsOf, type StageContext } from '../context';
import { countKept, isKernelName, type LayerCount } from '../kept';
import { kernelsToPrune, pruneSnapshot, type PruneOptions } from '../prune-snapshot';
import { scoredWith } from '../scoring';
import { sensitivitiesOf } from '../sensitivities';
import type { StageResult, StageSpec } from '../stage';
import type { StoredSnapshot } from '../stored-snapshot';

/** Metrics: `layers`, and who scored (`scoredBy`). */
export async function runPrune(
  spec: StageSpec,
  start: StoredSnapshot,
  context: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as PruneConfig;
  const sensitivities = sensitivitiesOf(spec, config, { start: () => start.all(), context });
  const { value, scoredBy } = await scoredWith(config, pluginsOf(context), (pruners) =>
    pruneStored(start, {
      ...pruners,
      minimumKept: config.minimumKept,
      keep: config.keep,
      quality: config.quality,
      random: new Random(spec.seed).fork(`prune-${spec.round ?? 0}`),
      ...sensitivities,
    }),
  );
  const { digest, layers } = value;
  context.emit({ type: 'layers', fields: { layers } });
  return {
    outputs: { snapshot: { kind: 'snapshot', digest } },
    metrics: { layers, scoredBy: scoredBy as unknown as JsonValue },
  };
}

interface Pruned {
  readonly digest: Digest;
  readonly layers: JsonValue[];
}

/** Layer by layer, so that one layer is in memory at a time; all together where their scores compete. */
async function pruneStored(start: StoredSnapshot, options: PruneOptions): Promise<Pruned> {
  const kernels = await kernelsToPrune(start.network as unknown as NetworkSpec, options);
  const together = options.keep && 'global' in options.keep && !options.granularity.pattern;
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
  return { digest: await draft.finish(), layers };
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
