/** Does the criterion of a recipe go with its options, and with how much it is to remove? Found here, not after training. */
import { Random, errorCode, suggestion, type EspalierError } from '@espalier/base';
import { CRITERIA } from '@espalier/pruning';
import { recipeError } from './errors';
import type { Recipe } from './recipe-schema';
import type { Path, RecipeSource } from './recipe-source';

export function checkCriterion(recipe: Recipe, source: RecipeSource): EspalierError[] {
  const { prune } = recipe;
  if (!prune) return [];
  const { name, options } = prune.criterion;
  const problems: EspalierError[] = [];
  if (prune.quality !== undefined && name !== 'magnitude') {
    const problem = `"prune.quality" compares |w| with a standard deviation and so needs the criterion "magnitude", but it is "${name}"; use "keep"`;
    problems.push(recipeError('RECIPE_CONFLICT', { ...source.place(['prune', 'quality'], true), problem }));
  }
  // What a plugin's criterion takes, only the plugin knows.
  if (!Object.hasOwn(CRITERIA, name)) return problems;
  const without = CRITERIA[name].needs.includes('secondMoment') && withoutSecondMoment(recipe);
  if (without) {
    const problem = `the criterion "${name}" scores by Adam's second moment, but ${without}`;
    problems.push(recipeError('RECIPE_CONFLICT', { ...source.place(['prune', 'criterion']), problem }));
  }
  const known = Object.keys(CRITERIA[name].defaults as object);
  const at: Path = ['prune', 'criterion', 'options'];
  const unknown = Object.keys(options).filter((option) => !known.includes(option));
  for (const key of unknown) {
    const place = source.place([...at, key], true);
    const where = `criterion "${name}"`;
    problems.push(
      recipeError('RECIPE_UNKNOWN_KEY', { ...place, where, key, suggestion: suggestion(key, known) }),
    );
  }
  const refused = unknown.length === 0 && refusedOption(name, options);
  if (refused) {
    const { option, expected, actual } = refused;
    const place = source.place([...at, option]);
    problems.push(
      recipeError('RECIPE_VALUE', { ...place, path: [...at, option].join('.'), expected, actual }),
    );
  }
  return problems;
}

/** Why a criterion would find no second moment at some pruning; undefined when it always will. */
function withoutSecondMoment({ prune, train, retrain }: Recipe): string | undefined {
  if (retrain && retrain.optimizer.kind !== 'adam') return `retrain.optimizer is "${retrain.optimizer.kind}"`;
  if (prune?.during) return undefined;
  if (!train) return 'weights that were taken over (init) have none; prune `during` retraining';
  if (train.optimizer.kind !== 'adam') return `train.optimizer is "${train.optimizer.kind}"`;
  return retrain && !retrain.keepOptimizer
    ? 'retrain.keepOptimizer is false, so that later rounds find none'
    : undefined;
}

interface RefusedOption {
  readonly option: string;
  readonly expected: string;
  readonly actual: string;
}

/** A criterion looks at the values of its options when it scores: one weight shows what it would say of all. */
function refusedOption(name: string, options: Readonly<Record<string, unknown>>): RefusedOption | undefined {
  const criterion = CRITERIA[name];
  const one = Float32Array.of(1);
  try {
    criterion.score({
      name: 'one',
      shape: [1],
      weights: one,
      gradients: one,
      secondMoment: one,
      random: new Random(0),
      options: { ...(criterion.defaults as object), ...options },
    });
    return undefined;
  } catch (error) {
    if (errorCode(error) !== 'PRUNING_OPTION') throw error;
    return (error as EspalierError).details as unknown as RefusedOption;
  }
}
