/** One pruning of a snapshot: which kernels, with what scores; the arithmetic is `@espalier/pruning`'s. */
import type { Random } from '@espalier/base';
import { isKernelLayer, parametersOf, type NetworkSpec } from '@espalier/models';
import {
  criterionByName,
  granularityByName,
  prune,
  type LayerAmount,
  type PruneResult,
  type Selection,
} from '@espalier/pruning';
import { Mask, TENSOR_SUFFIXES, asFloat32, requireTensor, type Snapshot } from '@espalier/tensor';
import type { CriterionConfig, KeepConfig } from './config';

export interface PruneOptions extends CriterionConfig {
  readonly quality?: Readonly<Record<string, number>>;
  readonly keep?: KeepConfig;
  readonly random: Random;
  /** Called when the criterion needs gradients: mean gradient by kernel. */
  gradients(): Promise<ReadonlyMap<string, Float32Array>>;
}

/** Masks for the kernels that `options` names (all prunable ones for a global share); others keep theirs. */
export async function pruneSnapshot(snapshot: Snapshot, options: PruneOptions): Promise<PruneResult> {
  const network = snapshot.network as unknown as NetworkSpec;
  const criterion = criterionByName(options.criterion);
  const gradients = criterion.needs.includes('gradients') ? await options.gradients() : undefined;
  const named =
    options.quality ?? (options.keep && 'layers' in options.keep ? options.keep.layers : undefined);
  const granularity = granularityByName(options.granularity);
  // Units of the last kernel are the classes: each must stay, whatever it scores.
  const spared =
    granularity.name === 'weight' ? undefined : network.layers.filter(isKernelLayer).at(-1)?.name;
  const layers = parametersOf(network)
    .filter(({ prunable, layer }) => prunable && layer !== spared)
    .filter(({ name }) => named === undefined || name in named)
    .map(({ name, shape }) => {
      const mask = snapshot.tensors.get(name + TENSOR_SUFFIXES.mask);
      const second = snapshot.tensors.get(name + TENSOR_SUFFIXES.secondMoment);
      return {
        name,
        shape,
        weights: asFloat32(requireTensor(snapshot, name), name),
        ...(mask && { previousMask: Mask.fromTensor(mask, name) }),
        ...(gradients && { gradients: gradients.get(name) as Float32Array }),
        ...(second && { secondMoment: asFloat32(second, name) }),
      };
    });
  return prune({
    layers,
    criterion,
    ...(options.criterionOptions && { criterionOptions: options.criterionOptions }),
    granularity,
    selection: { ...selectionOf(options), minKept: options.minimumKept },
    random: options.random,
  });
}

function selectionOf({ quality, keep }: PruneOptions): Selection {
  if (keep && 'global' in keep) return { scope: 'global', keep: keep.global };
  const amounts = new Map<string, LayerAmount>();
  for (const [name, value] of Object.entries(quality ?? {})) amounts.set(name, { quality: value });
  for (const [name, value] of Object.entries(keep?.layers ?? {})) amounts.set(name, { keep: value });
  return { scope: 'layer', amounts };
}
