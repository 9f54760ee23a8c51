/** Does the criterion of a recipe go with its options, and with how much it is to remove? Found here, not after training. */
import type { EspalierError } from '@espalier/base';
import { manifestOf, type OptionsSchema } from '@espalier/plugin-api';
import { CRITERIA, builtInPlugin } from '@espalier/pruning';
import { unfitOptions } from './check-options';
import { recipeError } from './errors';
import type { Recipe } from './recipe-schema';
import type { Path, RecipeSource } from './recipe-source';

const CRITERION_OPTIONS = new Map(
  manifestOf(builtInPlugin)
    .contributions.filter(({ kind }) => kind === 'criterion')
    .map(({ name, options = {} }): [string, OptionsSchema] => [name, options]),
);

export function checkCriterion(recipe: Recipe, source: RecipeSource): EspalierError[] {
  const { prune } = recipe;
  if (!prune) return [];
  const problems: EspalierError[] = [];
  const conflict = (path: Path, problem: string, onKey = false): void => {
    problems.push(recipeError('RECIPE_CONFLICT', { ...source.place(path, onKey), problem }));
  };
  const { name } = prune.criterion;
  const at: Path = ['prune', 'criterion'];
  if (prune.quality !== undefined && name !== 'magnitude') {
    const problem = `"prune.quality" compares |w| with a standard deviation and so needs the criterion "magnitude", but it is "${name}"; use "keep"`;
    conflict(['prune', 'quality'], problem, true);
  }
  const without = needsOf(name).includes('secondMoment') && withoutSecondMoment(recipe);
  if (without) conflict(at, `the criterion "${name}" scores by Adam's second moment, but ${without}`);
  if (needsOf(name).includes('unitTaylor') && prune.granularity === 'weight') {
    conflict(at, `the criterion "${name}" scores whole units, but prune.granularity is "weight"`);
  }
  problems.push(...optionProblems(prune.criterion, at, source));
  if (prune.units) {
    const { criterion } = prune.units;
    const place: Path = ['prune', 'units', 'criterion'];
    const missing = needsOf(criterion.name).includes('secondMoment') && unitsWithoutSecondMoment(recipe);
    if (missing)
      conflict(place, `the criterion "${criterion.name}" scores by Adam's second moment, but ${missing}`);
    problems.push(...optionProblems(criterion, place, source));
  }
  return problems;
}

/** What a plugin's criterion needs and takes, only the plugin knows. */
function needsOf(name: string): (typeof CRITERIA)[string]['needs'] {
  return Object.hasOwn(CRITERIA, name) ? CRITERIA[name].needs : [];
}

function optionProblems(
  { name, options }: { readonly name: string; readonly options: Readonly<Record<string, unknown>> },
  path: Path,
  source: RecipeSource,
): EspalierError[] {
  const schema = CRITERION_OPTIONS.get(name);
  return schema
    ? unfitOptions(schema, options, { of: `criterion "${name}"`, path: [...path, 'options'], source })
    : [];
}

/** Why a criterion would find no second moment at some pruning; undefined when it always will. */
function withoutSecondMoment({ prune, train, retrain }: Recipe): string | undefined {
  if (retrain && retrain.optimizer.kind !== 'adam') return `retrain.optimizer is "${retrain.optimizer.kind}"`;
  if (prune?.during) return undefined;
  const before = prune?.units ? 'prune.units.retrain' : 'train';
  const optimizer = prune?.units?.retrain.optimizer ?? train?.optimizer;
  if (!optimizer) return 'weights that were taken over (init) have none; prune `during` retraining';
  if (optimizer.kind !== 'adam') return `${before}.optimizer is "${optimizer.kind}"`;
  return retrain && !retrain.keepOptimizer
    ? 'retrain.keepOptimizer is false, so that later rounds find none'
    : undefined;
}

/** The same for the rounds of `prune.units`. */
function unitsWithoutSecondMoment({ prune, train }: Recipe): string | undefined {
  if (!train) return 'weights that were taken over (init) have none';
  if (train.optimizer.kind !== 'adam') return `train.optimizer is "${train.optimizer.kind}"`;
  const units = prune?.units;
  return units && units.keep.length > 1 && units.retrain.optimizer.kind !== 'adam'
    ? `prune.units.retrain.optimizer is "${units.retrain.optimizer.kind}"`
    : undefined;
}
