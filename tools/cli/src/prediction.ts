/**
 * What a recipe will come to, before anything is trained: shares kept per round and layer, bytes of the file, bytes on
 * the disk. Estimates, made from the recipe alone. Pure.
 */
import { parametersOf, requireLayer, type ParameterSpec } from '@espalier/models';
import { keptShareOf } from '@espalier/pruning';
import {
  completionAfter,
  levelsOf,
  networkAfterUnits,
  qualityOf,
  quantizeBitsOf,
  retrainEpochsOf,
  roundsOf,
  unitRoundsOf,
  unitsKeptOf,
  valueForLayer,
  type Recipe,
} from '@espalier/recipe';
import { sizeOf } from '@espalier/tensor';

export interface LayerPrediction {
  readonly name: string;
  readonly type: string;
  readonly weights: number;
  /** Of those, the ones between units that rounds of units leave. */
  readonly weightsLeft: number;
  /** After the last round, 0 to 1; with one global threshold the same for every layer, though layers will differ. */
  readonly keptShare: number;
  /** Bits a kept weight; 32 where nothing is shared. */
  readonly bits: number;
  /** What the recipe says of this layer: `keep`, `quality`, or nothing. */
  readonly rule: 'keep' | 'global keep' | 'quality' | 'not pruned';
}

export interface RoundPrediction {
  readonly round: number;
  /** By layer; after this round's pruning (with `prune.during`: at the end of its retraining). */
  readonly keptShares: Readonly<Record<string, number>>;
  readonly epochs: number;
}

/** Units of a layer: at first, and after each round that speaks of it. */
export interface UnitsPrediction {
  readonly name: string;
  readonly units: readonly number[];
}

export interface Prediction {
  readonly layers: readonly LayerPrediction[];
  /** What measuring the curves takes, where the recipe asks for them. */
  readonly sensitivity?: { readonly points: number; readonly steps: number };
  /** Of the layers that `prune.units` makes smaller. */
  readonly units: readonly UnitsPrediction[];
  readonly rounds: readonly RoundPrediction[];
  readonly parameters: number;
  readonly denseBytes: number;
  /** The .espalier file, about. */
  readonly artifactBytes: number;
  /** Snapshots that the stages leave behind. */
  readonly snapshotBytes: number;
}

/** Magic, network, tensor table, checksums. */
const HEADER_BYTES = 400;
/** Codes are not equally frequent; an entropy coder gains about this much on them (DC16 section 4: 20-30 % with Huffman). */
const CODE_ENTROPY = 0.85;
/** Adam keeps two slots a weight, SGD one; snapshots hold them beside the weights. */
const SLOTS = { adam: 2, sgd: 1 } as const;
/** Each snapshot lies with the service that made it and with the one that went on from it. */
const COPIES = 2;

export function predict(recipe: Recipe): Prediction {
  const parameters = parametersOf(recipe.network);
  const kernels = parameters.filter(({ prunable }) => prunable);
  const rounds = Array.from({ length: roundsOf(recipe) }, (_, i) => ({
    round: i + 1,
    epochs: retrainEpochsOf(recipe, i + 1),
    keptShares: Object.fromEntries(kernels.map(({ layer }) => [layer, keptAfter(recipe, layer, i + 1)])),
  }));
  const small = parametersOf(networkAfterUnits(recipe));
  const layers = kernels.map(({ name, layer, shape }) => {
    const spec = requireLayer(recipe.network, layer);
    const levels = levelsOf(recipe, spec);
    return {
      name: layer,
      type: spec.type,
      weights: sizeOf(shape),
      weightsLeft: sizeOf(small.find((each) => each.name === name)?.shape ?? shape),
      keptShare: rounds.at(-1)?.keptShares[layer] ?? 1,
      bits: levels === undefined ? (quantizeBitsOf(recipe, spec) ?? 32) : Math.log2(levels),
      rule: ruleOf(recipe, layer),
    };
  });
  const total = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
  const slots = SLOTS[(recipe.train ?? recipe.retrain)?.optimizer.kind ?? 'adam'];
  const biases = small.filter(({ prunable }) => !prunable).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const snapshots =
    2 + 2 * unitRoundsOf(recipe) + 2 * rounds.length + (recipe.share || recipe.quantize ? 2 : 0);
  return {
    layers,
    ...sensitivityOf(recipe, kernels.length),
    units: unitsOf(recipe, kernels),
    rounds,
    parameters: total,
    denseBytes: total * 4,
    artifactBytes: Math.round(
      HEADER_BYTES +
        (biases * recipe.encode.biasBits) / 8 +
        layers.reduce(
          (sum, layer) => sum + layerBytes(layer, recipe.encode.codebook === 'float16' ? 2 : 4),
          0,
        ),
    ),
    snapshotBytes: snapshots * COPIES * (total * 4 * (1 + slots) + weights / 8),
  };
}

function sensitivityOf({ prune }: Recipe, kernels: number): Pick<Prediction, 'sensitivity'> {
  if (!prune?.sensitivity) return {};
  const points = kernels * prune.sensitivity.keep.length;
  return { sensitivity: { points, steps: points * prune.sensitivity.retrainSteps } };
}

function unitsOf(recipe: Recipe, kernels: readonly ParameterSpec[]): UnitsPrediction[] {
  const units = new Map(kernels.map(({ layer, shape }) => [layer, [shape.at(-1) ?? 1]]));
  for (let round = 1; round <= unitRoundsOf(recipe); round++) {
    for (const [layer, kept] of unitsKeptOf(recipe, round)) units.get(layer)?.push(kept);
  }
  return [...units].flatMap(([name, counts]) => (counts.length > 1 ? [{ name, units: counts }] : []));
}

/** Mask by its entropy, codes by their bits less what an entropy coder gains, one codebook. */
function layerBytes(
  { weights, weightsLeft, keptShare, bits }: LayerPrediction,
  centroidBytes: number,
): number {
  const maskBits = weightsLeft * entropy(Math.min(1, (weights * keptShare) / weightsLeft));
  const shared = bits < 32;
  const codeBits = Math.min(weightsLeft, weights * keptShare) * bits * (shared ? CODE_ENTROPY : 1);
  return (maskBits + codeBits) / 8 + (shared ? 2 ** bits * centroidBytes : 0);
}

function ruleOf({ prune, network }: Recipe, layer: string): LayerPrediction['rule'] {
  const spec = requireLayer(network, layer);
  if (prune?.keep !== undefined && 'global' in prune.keep) return 'global keep';
  if (prune?.keep !== undefined && valueForLayer(prune.keep.layers, spec) !== undefined) return 'keep';
  if (prune?.quality === undefined) return 'not pruned';
  const { quality } = prune;
  const applies =
    typeof quality !== 'object' || Array.isArray(quality) || valueForLayer(quality, spec) !== undefined;
  return applies ? 'quality' : 'not pruned';
}

function keptAfter(recipe: Recipe, layer: string, round: number): number {
  const { prune, network } = recipe;
  if (!prune) return 1;
  const spec = requireLayer(network, layer);
  const completionOf = (each: number): number => (prune.during ? 1 : completionAfter(recipe, each));
  if (prune.keep !== undefined) {
    const final = 'global' in prune.keep ? prune.keep.global : (valueForLayer(prune.keep.layers, spec) ?? 1);
    return keptShareOf(completionOf(round), final);
  }
  const rounds = Array.from({ length: round }, (_, i) => i + 1);
  const qualities = rounds.map((each) => {
    return qualityOf(recipe, spec, { round: each, completion: completionOf(each) });
  });
  return keptByQualities(qualities.filter((quality) => quality !== undefined));
}

/**
 * What thresholds of quality x std leave of a layer whose weights are normal, when each is taken of the survivors of the
 * one before: E[w^2 | |w| > t] = 1 + t * density(t) / tail(t). Trained layers have heavier tails, so that less is left.
 */
export function keptByQualities(qualities: readonly number[]): number {
  let threshold = 0;
  let std = 1;
  for (const quality of qualities) {
    threshold = Math.max(threshold, quality * std);
    const density = Math.exp((-threshold * threshold) / 2) / Math.sqrt(2 * Math.PI);
    std = Math.sqrt(1 + (threshold * density) / Math.max(normalTail(threshold) / 2, 1e-12));
  }
  return normalTail(threshold);
}

/** Share of a normal distribution beyond +- `quality` standard deviations: trained weights are roughly normal. */
export function normalTail(quality: number): number {
  // Abramowitz and Stegun 7.1.26 for erfc; good to 1.5e-7.
  const x = quality / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return poly * Math.exp(-x * x);
}

/** Bits of one yes-or-no with this share of yes. */
export function entropy(share: number): number {
  if (share <= 0 || share >= 1) return 0;
  return -share * Math.log2(share) - (1 - share) * Math.log2(1 - share);
}
