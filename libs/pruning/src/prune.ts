/**
 * One pruning: a criterion scores, a granularity groups, a selection says how much (HAN15 section 3, the second step). A pure
 * function; the same input gives the same masks.
 */
import type { Random } from '@espalier/base';
import type { Criterion, Granularity, Pattern, ScoreInput } from '@espalier/plugin-api';
import { type Mask, sizeOf, type Shape } from '@espalier/tensor';
import { pruningError } from './errors';
import { groupScores, type Grouping } from './granularity/grouping';
import { keepPattern } from './selection/keep-pattern';
import { layerStd } from './selection/layer-std';
import { amountOf, selectGroups, type LayerChoice, type Selection } from './selection/select-groups';

export interface PruneLayer {
  /** Name of the tensor, e.g. `fc1/kernel`. */
  readonly name: string;
  /** dense [in, out], conv [kh, kw, in / groups, out] */
  readonly shape: Shape;
  /** Row-major, like everything below. */
  readonly weights: Float32Array;
  readonly previousMask?: Mask;
  readonly gradients?: Float32Array;
  readonly firstMoment?: Float32Array;
  readonly secondMoment?: Float32Array;
  /** [units]: see `ScoreInput`. */
  readonly unitTaylor?: Float32Array;
  /** [in]: see `ScoreInput`. */
  readonly inputNorms?: Float32Array;
}

export interface PruneInput {
  /** What may be pruned: kernels, never biases. */
  readonly layers: readonly PruneLayer[];
  /** Its `defaults` are its options. */
  readonly criterion: Criterion;
  readonly granularity: Granularity;
  readonly selection: Selection;
  /** Seeded for this round; each layer gets a generator of its own from it. */
  readonly random: Random;
}

export interface PruneResult {
  /** By tensor name, as are the others. */
  readonly masks: Map<string, Mask>;
  /** In units of the scores: groups that score less were removed. */
  readonly thresholds: Map<string, number>;
  /** Weights kept. */
  readonly kept: Map<string, number>;
}

/** The masks after this pruning; layers are scored one after the other. Throws PRUNING_*, and what the criterion throws. */
export async function prune(input: PruneInput): Promise<PruneResult> {
  refuseDuplicates(input.layers);
  const groupings: Grouping[] = [];
  for (const layer of input.layers) {
    const scores = await scoreLayer(layer, input);
    const alive = layer.previousMask && { alive: layer.previousMask };
    groupings.push(await groupScores(input.granularity, layer.shape, { scores, ...alive }));
  }
  const choices = input.granularity.pattern
    ? await choosePatterns(input, groupings)
    : chooseAmounts(input, groupings);

  const result: PruneResult = { masks: new Map(), thresholds: new Map(), kept: new Map() };
  input.layers.forEach(({ name }, i) => {
    const mask = groupings[i].expand(choices[i].kept);
    result.masks.set(name, mask);
    result.thresholds.set(name, choices[i].threshold);
    result.kept.set(name, mask.count());
  });
  return result;
}

function chooseAmounts(input: PruneInput, groupings: readonly Grouping[]): LayerChoice[] {
  const candidates = input.layers.map((layer, i) => {
    requireQualityFits(layer.name, input);
    const { scores, eligible } = groupings[i];
    return {
      name: layer.name,
      scores,
      ...(eligible && { eligible }),
      std: () => layerStd(layer.weights, layer.previousMask),
    };
  });
  return selectGroups(candidates, input.selection);
}

/** The granularity says how much stays; the selection says nothing. */
async function choosePatterns(
  { layers, granularity }: PruneInput,
  groupings: readonly Grouping[],
): Promise<LayerChoice[]> {
  const choices: LayerChoice[] = [];
  for (const [i, { shape }] of layers.entries()) {
    const pattern = (await granularity.pattern?.(shape)) as Pattern;
    choices.push(keepPattern(groupings[i], pattern, { granularity: granularity.name, shape }));
  }
  return choices;
}

async function scoreLayer(layer: PruneLayer, { criterion, random }: PruneInput): Promise<Float32Array> {
  requireSizes(layer);
  const asked = deliver(layer, criterion);
  const { name, shape, weights } = layer;
  const own = { random: random.fork(name), options: criterion.defaults };
  const scores = await criterion.score({ ...asked, name, shape, weights, ...own });
  requireScores(scores, { criterion: criterion.name, layer: name, shape });
  return scores;
}

/** One finite score for each weight. @throws PRUNING_SIZE, PRUNING_NOT_FINITE */
export function requireScores(
  scores: Float32Array,
  { criterion, layer, shape }: { readonly criterion: string; readonly layer: string; readonly shape: Shape },
): void {
  if (scores.length !== sizeOf(shape)) {
    throw sizeError({ name: layer, shape }, { what: `scores by "${criterion}"`, actual: scores.length });
  }
  for (let index = 0; index < scores.length; index++) {
    if (Number.isFinite(scores[index])) continue;
    throw pruningError('PRUNING_NOT_FINITE', { criterion, layer, index, value: String(scores[index]) });
  }
}

type Delivered = Omit<ScoreInput, 'name' | 'shape' | 'weights' | 'random' | 'options'>;

/** What the criterion declares, and no more. Before the first pruning there is no mask, and so none is given. */
function deliver(layer: PruneLayer, { name, needs }: Criterion): Delivered {
  const { gradients, firstMoment, secondMoment, unitTaylor, inputNorms, previousMask } = layer;
  const given = { gradients, firstMoment, secondMoment, unitTaylor, inputNorms, previousMask };
  const asked = (Object.keys(given) as (keyof Delivered)[]).filter((need) => needs.includes(need));
  for (const need of asked) {
    if (given[need] !== undefined || need === 'previousMask') continue;
    throw pruningError('PRUNING_NEEDS', { criterion: name, need, layer: layer.name });
  }
  return Object.fromEntries(asked.flatMap((need) => (given[need] ? [[need, given[need]]] : [])));
}

function requireSizes(layer: PruneLayer): void {
  const expected = sizeOf(layer.shape);
  const sizes = {
    weights: layer.weights.length,
    gradients: layer.gradients?.length,
    'first moments': layer.firstMoment?.length,
    'second moments': layer.secondMoment?.length,
    'mask bits': layer.previousMask?.size,
  };
  for (const [what, actual] of Object.entries(sizes)) {
    if (actual !== undefined && actual !== expected) throw sizeError(layer, { what, actual });
  }
  const units = layer.shape.at(-1) ?? 1;
  if (layer.unitTaylor && layer.unitTaylor.length !== units) {
    throw sizeError(layer, { what: `${units} units' scores`, actual: layer.unitTaylor.length });
  }
  const inputs = layer.shape.at(-2) ?? 1;
  if (layer.inputNorms && layer.inputNorms.length !== inputs) {
    throw sizeError(layer, { what: `${inputs} inputs' norms`, actual: layer.inputNorms.length });
  }
}

function sizeError(
  layer: Pick<PruneLayer, 'name' | 'shape'>,
  { what, actual }: { readonly what: string; readonly actual: number },
): Error {
  const shape = JSON.stringify(layer.shape);
  return pruningError('PRUNING_SIZE', {
    layer: layer.name,
    shape,
    expected: sizeOf(layer.shape),
    what,
    actual,
  });
}

function requireQualityFits(layer: string, { selection, criterion }: PruneInput): void {
  if (selection.scope === 'global' || criterion.name === 'magnitude') return;
  if ('quality' in amountOf(selection.amounts, layer)) {
    throw pruningError('PRUNING_QUALITY_CRITERION', { criterion: criterion.name });
  }
}

function refuseDuplicates(layers: readonly PruneLayer[]): void {
  const seen = new Set<string>();
  for (const { name } of layers) {
    if (seen.has(name)) throw pruningError('PRUNING_DUPLICATE_LAYER', { layer: name });
    seen.add(name);
  }
}
