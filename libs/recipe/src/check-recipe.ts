/** What a schema cannot say: settings that contradict each other, and patterns that match no layer of the network. */
import { suggestion, type EspalierError } from '@espalier/base';
import { CODINGS } from '@espalier/encoding';
import { isKernelLayer, inferShapes, type LayerSpec, type NetworkSpec } from '@espalier/models';
import { checkCriterion } from './check-criterion';
import { checkReferences } from './check-references';
import { checkSensitivity } from './check-sensitivity';
import { recipeError } from './errors';
import { checkUnits } from './check-units';
import { matchesLayer, nearestPatterns } from './layer-patterns';
import { asReference, ours, type PluginsFacts } from './plugin-references';
import type { Reference } from './plugins-schema';
import type { Recipe } from './recipe-schema';
import type { Path, RecipeSource } from './recipe-source';
import { pathText } from './schema-problems';

/** Names that plugins add to the built-in ones. */
export interface KnownNames {
  readonly criteria?: readonly string[];
  readonly granularities?: readonly string[];
  readonly schedules?: readonly string[];
  readonly codings?: readonly string[];
}

/** What a network must fit. */
export interface DataShape {
  /** [height, width, channels]. */
  readonly shape: readonly number[];
  readonly classes: number;
}

const MNIST: DataShape = { shape: [28, 28, 1], classes: 10 };

export interface RecipeChecks {
  readonly names?: KnownNames;
  readonly plugins?: PluginsFacts;
}

export function checkRecipe(
  recipe: Recipe,
  source: RecipeSource,
  { names = {}, plugins: facts }: RecipeChecks = {},
): EspalierError[] {
  const problems: EspalierError[] = [];
  const conflict = (path: Path, problem: string): void => {
    problems.push(recipeError('RECIPE_CONFLICT', { ...source.place(path, true), problem }));
  };

  if (!recipe.train && !recipe.init)
    conflict([], 'there is nothing to start from: give "train", or "init" with trained weights');
  const data = recipe.data.format === 'mnist' ? dataProblem(recipe.network, MNIST) : undefined;
  if (data) conflict(['network'], data);
  checkPrune(recipe, conflict);
  checkSensitivity(recipe, conflict);
  checkUnits(recipe, conflict);
  checkShare(recipe, conflict);
  if (recipe.budget && recipe.budget.maxError === undefined && recipe.budget.maxErrorIncrease === undefined) {
    conflict(['budget'], '"budget" needs "maxErrorIncrease" or "maxError"');
  }
  if (recipe.budget && !recipe.prune) conflict(['budget'], '"budget" judges rounds, but there is no "prune"');
  else if (recipe.budget && !recipe.retrain) {
    conflict(['budget'], '"budget" judges rounds by what retraining reaches, but there is no "retrain"');
  }
  if (recipe.budget && recipe.data.heldOut === 0) {
    conflict(
      ['budget'],
      '"budget" needs samples that training does not see; set data.heldOut to more than 0',
    );
  }
  problems.push(
    ...unknownCodings(recipe, source, names),
    ...checkReferences(recipe, {
      source,
      facts,
      trusted: { criterion: names.criteria, granularity: names.granularities, schedule: names.schedules },
    }),
    ...checkCriterion(recipe, source, facts),
    ...unmatchedPatterns(recipe, source),
  );
  return problems;
}

/** Why the network cannot take the data, or undefined. */
export function dataProblem(network: NetworkSpec, data: DataShape): string | undefined {
  const wanted = network.input.reduce((product, axis) => product * axis, 1);
  const given = data.shape.reduce((product, axis) => product * axis, 1);
  const fits = network.input.length === 1 ? wanted === given : network.input.join() === data.shape.join();
  if (!fits) {
    return `network "${network.name}" takes [${network.input.join(', ')}], but the data are [${data.shape.join(', ')}]`;
  }
  const [classes] = inferShapes(network).get(
    network.layers[network.layers.length - 1].name,
  ) as readonly number[];
  if (classes < data.classes) {
    return `network "${network.name}" knows ${classes} classes, but the data have ${data.classes}`;
  }
  return undefined;
}

export type Conflict = (path: Path, problem: string) => void;

function checkPrune({ prune, retrain, network }: Recipe, conflict: Conflict): void {
  if (!prune) {
    if (retrain)
      conflict(['retrain'], '"retrain" follows pruning, but there is no "prune"; use "train" with "init"');
    return;
  }
  const { quality, keep, during, schedule } = prune;
  if (quality === undefined && keep === undefined && !mayHavePattern(prune.granularity))
    conflict(['prune'], '"prune" does not say how much: give "quality" or "keep"');
  if (quality !== undefined && keep !== undefined) {
    conflict(['prune', 'keep'], '"prune" says how much in two ways: leave out "quality" or "keep"');
  }
  const perLayer = typeof quality === 'object' && !Array.isArray(quality);
  for (const [key, value] of perLayer ? Object.entries(quality) : [['', quality] as const]) {
    if (!Array.isArray(value) || value.length === schedule.rounds) continue;
    const path = key === '' ? ['prune', 'quality'] : ['prune', 'quality', key];
    conflict(
      path,
      `"${pathText(path)}" lists ${value.length} rounds, but prune.schedule.rounds is ${schedule.rounds}`,
    );
  }
  if (during) {
    if (!retrain)
      conflict(['prune', 'during'], '"prune.during" works inside retraining, but there is no "retrain"');
    if (schedule.rounds !== 1) {
      conflict(
        ['prune', 'during'],
        `"prune.during" goes with one round, but prune.schedule.rounds is ${schedule.rounds}`,
      );
    }
    if (quality !== undefined)
      conflict(['prune', 'during'], '"prune.during" needs "keep": its target must be a share');
    const end = (retrain?.epochs.last ?? Infinity) * during.untilShare;
    if (during.fromEpoch >= end) {
      conflict(
        ['prune', 'during', 'fromEpoch'],
        `"prune.during" would begin at epoch ${during.fromEpoch} and end at ${end}`,
      );
    }
  }
  const alternates = retrain?.freeze && 'alternate' in retrain.freeze;
  const types = new Set<string>(network.layers.map(({ type }) => type));
  if (alternates && !(types.has('conv2d') && types.has('dense'))) {
    conflict(
      ['retrain', 'freeze'],
      `"${network.name}" does not have both conv2d and dense layers to alternate between`,
    );
  }
}

/** A plugin's granularity may say itself how much stays (N:M); whether it does is known when it has been looked at. */
function mayHavePattern(granularity: string | Reference): boolean {
  return !ours('granularity').some(({ name }) => name === asReference(granularity).name);
}

function checkShare({ share, quantize }: Recipe, conflict: Conflict): void {
  if (share && quantize)
    conflict(['quantize'], '"share" and "quantize" are two ways to do one thing: leave one out');
  const says = [share?.bits, share?.levels, share?.quantizer].filter((way) => way !== undefined).length;
  if (share && says !== 1) {
    conflict(['share'], '"share" needs one of "bits" and "levels", or a "quantizer"');
  }
}

function unknownCodings({ encode }: Recipe, source: RecipeSource, names: KnownNames): EspalierError[] {
  const known = [...CODINGS, ...(names.codings ?? [])];
  return (encode.codings ?? []).flatMap((name, index) => {
    if (known.includes(name)) return [];
    const path: Path = ['encode', 'codings', index];
    const details = { path: pathText(path), what: 'coding', name, suggestion: suggestion(name, known) };
    return [recipeError('RECIPE_UNKNOWN_NAME', { ...source.place(path), ...details })];
  });
}

function unmatchedPatterns(recipe: Recipe, source: RecipeSource): EspalierError[] {
  const { network, prune, retrain, train, share, quantize } = recipe;
  const kernels = network.layers.filter(isKernelLayer);
  const dropouts = network.layers.filter(({ type }) => type === 'dropout');
  const problems: EspalierError[] = [];
  const check = (
    path: Path,
    patterns: readonly string[],
    what: string,
    layers: readonly LayerSpec[],
    onKey = true,
  ): void => {
    const known = [...layers.map(({ name }) => name), ...new Set(layers.map(({ type }) => type))];
    patterns.forEach((pattern, index) => {
      if (layers.some((layer) => matchesLayer(pattern, layer))) return;
      problems.push(
        recipeError('RECIPE_LAYER_PATTERN', {
          ...source.place([...path, onKey ? pattern : index], onKey),
          pattern,
          path: pathText(path),
          what,
          network: network.name,
          suggestion: suggestion(pattern, known),
        }),
      );
    });
  };
  const checkMap = (path: Path, value: unknown, what: string, layers: readonly LayerSpec[]): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const patterns = Object.keys(value);
    check(path, patterns, what, layers);
    for (const layer of layers) {
      const [first, second] = nearestPatterns(patterns, layer);
      if (second === undefined) continue;
      const problem = `"${first}" and "${second}" in "${pathText(path)}" both speak of layer "${layer.name}": make one more exact`;
      problems.push(recipeError('RECIPE_CONFLICT', { ...source.place([...path, second], true), problem }));
    }
  };

  checkMap(['train', 'dropout'], train?.dropout, 'dropout', dropouts);
  // Inherited rates were checked where they were written.
  if (retrain?.dropout !== undefined && !sameKeys(retrain.dropout, train?.dropout)) {
    checkMap(['retrain', 'dropout'], retrain.dropout, 'dropout', dropouts);
  }
  prune?.units?.keep.forEach((kept, round) => {
    checkMap(['prune', 'units', 'keep', round], kept, 'prunable', kernels);
  });
  checkMap(['prune', 'quality'], prune?.quality, 'prunable', kernels);
  if (prune?.keep && 'layers' in prune.keep)
    checkMap(['prune', 'keep', 'layers'], prune.keep.layers, 'prunable', kernels);
  if (retrain?.freeze && 'layers' in retrain.freeze) {
    const trained = network.layers.filter((layer) => isKernelLayer(layer) || layer.type === 'batchNorm');
    check(['retrain', 'freeze', 'layers'], retrain.freeze.layers, 'trained', trained, false);
  }
  checkMap(['share', 'bits'], share?.bits, 'prunable', kernels);
  checkMap(['share', 'levels'], share?.levels, 'prunable', kernels);
  checkMap(['quantize', 'bits'], quantize?.bits, 'prunable', kernels);
  return problems;
}

function sameKeys(a: object, b: object | undefined): boolean {
  return b !== undefined && Object.keys(a).join() === Object.keys(b).join();
}
