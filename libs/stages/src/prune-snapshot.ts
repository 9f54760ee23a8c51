/** One pruning of a snapshot: which kernels, with what scores; the arithmetic is `@espalier/pruning`'s. */
import type { Random } from '@espalier/base';
import { isKernelLayer, parametersOf, type NetworkSpec, type ParameterSpec } from '@espalier/models';
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
import type { Sensitivities } from './sensitivities';

/** The sensitivities are asked for when the criterion needs them. */
export interface PruneOptions extends CriterionConfig, Sensitivities {
  readonly quality?: Readonly<Record<string, number>>;
  readonly keep?: KeepConfig;
  readonly random: Random;
}

type Amounts = Pick<PruneOptions, 'quality' | 'keep' | 'granularity'>;

/** The kernels that `options` names, or all prunable ones for a global share. */
export function kernelsToPrune(network: NetworkSpec, options: Amounts): ParameterSpec[] {
  const named =
    options.quality ?? (options.keep && 'layers' in options.keep ? options.keep.layers : undefined);
  // Units of the last kernel are the classes: each must stay, whatever it scores.
  const spared =
    granularityByName(options.granularity).name === 'weight'
      ? undefined
      : network.layers.filter(isKernelLayer).at(-1)?.name;
  return parametersOf(network)
    .filter(({ prunable, layer }) => prunable && layer !== spared)
    .filter(({ name }) => named === undefined || name in named);
}

/**
 * Masks for the kernels that `options` names; others keep theirs. A layer's mask depends on its own tensors alone, unless
 * the share is global.
 * @param kernels some of those, for a snapshot that has no others
 */
export async function pruneSnapshot(
  snapshot: Snapshot,
  options: PruneOptions,
  kernels = kernelsToPrune(snapshot.network as unknown as NetworkSpec, options),
): Promise<PruneResult> {
  const criterion = criterionByName(options.criterion);
  const gradients = criterion.needs.includes('gradients') ? await options.gradients() : undefined;
  const unitTaylor = criterion.needs.includes('unitTaylor') ? await options.unitTaylor() : undefined;
  const layers = kernels.map(({ name, shape }) => {
    const mask = snapshot.tensors.get(name + TENSOR_SUFFIXES.mask);
    const second = snapshot.tensors.get(name + TENSOR_SUFFIXES.secondMoment);
    return {
      name,
      shape,
      weights: asFloat32(requireTensor(snapshot, name), name),
      ...(mask && { previousMask: Mask.fromTensor(mask, name) }),
      ...(gradients && { gradients: gradients.get(name) as Float32Array }),
      ...(unitTaylor && { unitTaylor: unitTaylor.get(name) as Float32Array }),
      ...(second && { secondMoment: asFloat32(second, name) }),
    };
  });
  return prune({
    layers,
    criterion,
    ...(options.criterionOptions && { criterionOptions: options.criterionOptions }),
    granularity: granularityByName(options.granularity),
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
