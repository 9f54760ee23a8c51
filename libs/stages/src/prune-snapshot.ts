/** One pruning of a snapshot: which kernels, with what scores; the arithmetic is `@espalier/pruning`'s. */
import type { Random } from '@espalier/base';
import { isKernelLayer, parametersOf, type NetworkSpec, type ParameterSpec } from '@espalier/models';
import type { Granularity, Regrowth } from '@espalier/plugin-api';
import {
  isByWeight,
  prune,
  type LayerAmount,
  type PruneLayer,
  type PruneResult,
  type Selection,
} from '@espalier/pruning';
import { Mask, TENSOR_SUFFIXES, asFloat32, requireTensor, type Shape, type Snapshot } from '@espalier/tensor';
import type { CriterionConfig, KeepConfig } from './config';
import { stagesError } from './errors';
import type { Pruners } from './scoring';
import type { Sensitivities } from './sensitivities';

/** The sensitivities are asked for when the criterion needs them. */
export interface PruneOptions extends Pruners, Pick<CriterionConfig, 'minimumKept'>, Sensitivities {
  readonly quality?: Readonly<Record<string, number>>;
  readonly keep?: KeepConfig;
  readonly random: Random;
  /** The values behind the mask, where they are trained on. */
  latent?(name: string): Float32Array | undefined;
}

type Amounts = Pick<PruneOptions, 'quality' | 'keep' | 'granularity'>;

/** The kernels that `options` names, or all prunable ones for a global share. */
export async function kernelsToPrune(network: NetworkSpec, options: Amounts): Promise<ParameterSpec[]> {
  const named =
    options.quality ?? (options.keep && 'layers' in options.keep ? options.keep.layers : undefined);
  const kernels = parametersOf(network).filter(({ prunable }) => prunable);
  // Units of the last kernel are the classes: each must stay, whatever it scores.
  const last = network.layers.filter(isKernelLayer).at(-1)?.name;
  const classes = kernels.find(({ layer }) => layer === last);
  const spared = classes && (await takesUnits(options.granularity, classes.shape)) ? classes.name : undefined;
  return kernels.filter(({ name }) => name !== spared && (named === undefined || name in named));
}

/** Does a group hold a whole unit, all weights of one place of the last axis? */
async function takesUnits(granularity: Granularity, shape: Shape): Promise<boolean> {
  if (isByWeight(granularity)) return false;
  const units = shape.at(-1) ?? 1;
  const groups = await granularity.groupsOf(shape);
  const whole = new Uint8Array(units).fill(1);
  for (let i = units; i < groups.length; i++) if (groups[i] !== groups[i % units]) whole[i % units] = 0;
  return whole.includes(1);
}

/**
 * Masks for the kernels that `options` names; others keep theirs. A layer's mask depends on its own tensors alone, unless
 * the share is global.
 * @param kernels some of those, for a snapshot that has no others
 */
export async function pruneSnapshot(
  snapshot: Snapshot,
  options: PruneOptions,
  kernels?: readonly ParameterSpec[],
): Promise<PruneResult> {
  const { criterion, granularity } = options;
  const gradients = criterion.needs.includes('gradients') ? await options.gradients() : undefined;
  const unitTaylor = criterion.needs.includes('unitTaylor') ? await options.unitTaylor() : undefined;
  const inputNorms = criterion.needs.includes('inputNorms') ? await options.inputNorms() : undefined;
  const chosen = kernels ?? (await kernelsToPrune(snapshot.network as unknown as NetworkSpec, options));
  const layers = chosen.map(({ name, shape }) => {
    const mask = snapshot.tensors.get(name + TENSOR_SUFFIXES.mask);
    const first =
      snapshot.tensors.get(name + TENSOR_SUFFIXES.firstMoment) ??
      snapshot.tensors.get(name + TENSOR_SUFFIXES.momentum);
    const second = snapshot.tensors.get(name + TENSOR_SUFFIXES.secondMoment);
    return {
      name,
      shape,
      weights: asFloat32(requireTensor(snapshot, name), name),
      ...(mask && { previousMask: Mask.fromTensor(mask, name) }),
      ...(gradients && { gradients: gradients.get(name) as Float32Array }),
      ...(unitTaylor && { unitTaylor: unitTaylor.get(name) as Float32Array }),
      ...(inputNorms && { inputNorms: inputNorms.get(name) as Float32Array }),
      ...(first && { firstMoment: asFloat32(first, name) }),
      ...(second && { secondMoment: asFloat32(second, name) }),
    };
  });
  const result = await prune({
    layers,
    criterion,
    granularity,
    selection: { ...selectionOf(options), minKept: options.minimumKept },
    random: options.random,
  });
  return options.regrowth ? regrown(result, layers, options.regrowth, options) : result;
}

/** What a regrowth brings back, layer by layer. */
async function regrown(
  { masks, thresholds }: PruneResult,
  layers: readonly PruneLayer[],
  regrowth: Regrowth,
  options: PruneOptions,
): Promise<PruneResult> {
  const gradients = regrowth.needs.includes('gradients') ? await options.gradients() : undefined;
  const after = new Map<string, Mask>();
  for (const { name, shape, weights, previousMask = Mask.full(shape) } of layers) {
    const mask = masks.get(name) as Mask;
    const latent = regrowth.needs.includes('latent') ? options.latent?.(name) : undefined;
    const grown = await regrowth.regrow({
      name,
      shape,
      weights,
      previousMask,
      mask,
      ...(gradients && { gradients: gradients.get(name) as Float32Array }),
      ...(latent && { latent }),
      random: options.random.fork(`regrow-${name}`),
    });
    if (!grown.and(mask).equals(mask)) {
      throw stagesError('STAGE_REGROWTH', { regrowth: regrowth.name, layer: name });
    }
    after.set(name, grown);
  }
  return { masks: after, thresholds, kept: new Map([...after].map(([name, mask]) => [name, mask.count()])) };
}

function selectionOf({ quality, keep }: PruneOptions): Selection {
  if (keep && 'global' in keep) return { scope: 'global', keep: keep.global };
  const amounts = new Map<string, LayerAmount>();
  for (const [name, value] of Object.entries(quality ?? {})) amounts.set(name, { quality: value });
  for (const [name, value] of Object.entries(keep?.layers ?? {})) amounts.set(name, { keep: value });
  return { scope: 'layer', amounts };
}
