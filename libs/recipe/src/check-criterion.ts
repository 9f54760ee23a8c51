/** Does the criterion of a recipe go with its options, and with how much it is to remove? Found here, not after training. */
import type { EspalierError } from '@espalier/base';
import { recipeError } from './errors';
import { asReference, findReference, needsOfReference, type PluginsFacts } from './plugin-references';
import type { Recipe } from './recipe-schema';
import type { Path, RecipeSource } from './recipe-source';

export function checkCriterion(recipe: Recipe, source: RecipeSource, facts?: PluginsFacts): EspalierError[] {
  const { prune } = recipe;
  if (!prune) return [];
  const problems: EspalierError[] = [];
  const conflict = (path: Path, problem: string, onKey = false): void => {
    problems.push(recipeError('RECIPE_CONFLICT', { ...source.place(path, onKey), problem }));
  };
  const declared = Object.keys(recipe.plugins ?? {});
  /** What a plugin's criterion needs, only the plugin knows, or the recipe that was resolved with it. */
  const needsOf = (name: string): readonly string[] => {
    const found = findReference('criterion', name, { declared, facts });
    if (typeof found !== 'object') return needsOfReference(recipe, name);
    return 'contribution' in found ? (found.contribution.needs ?? []) : [];
  };
  const swaps = (prune.swaps ?? []).map(({ criterion, round }, i) => ({
    criterion,
    round,
    at: ['prune', 'swaps', i, 'criterion'] as Path,
  }));
  const fallback = prune.fallback ? [{ criterion: prune.fallback, round: 1, at: ['prune', 'fallback'] }] : [];
  const first = { criterion: prune.criterion, round: 1, at: ['prune', 'criterion'] as Path };
  for (const { criterion, round, at } of [first, ...fallback, ...swaps]) {
    const { name } = criterion;
    if (prune.quality !== undefined && name !== 'magnitude') {
      const problem = `"prune.quality" compares |w| with a standard deviation and so needs the criterion "magnitude", but it is "${name}"; use "keep"`;
      if (at === first.at) conflict(['prune', 'quality'], problem, true);
      else conflict(at, problem);
    }
    const needs = needsOf(name);
    const without = needs.includes('secondMoment') && withoutSecondMoment(recipe, round);
    if (without) conflict(at, `the criterion "${name}" scores by Adam's second moment, but ${without}`);
    if (needs.includes('unitTaylor') && asReference(prune.granularity).name === 'weight') {
      conflict(at, `the criterion "${name}" scores whole units, but prune.granularity is "weight"`);
    }
  }
  checkSwaps(recipe, conflict);
  if (prune.units) {
    const { criterion } = prune.units;
    const missing = needsOf(criterion.name).includes('secondMoment') && unitsWithoutSecondMoment(recipe);
    if (missing) {
      const problem = `the criterion "${criterion.name}" scores by Adam's second moment, but ${missing}`;
      conflict(['prune', 'units', 'criterion'], problem);
    }
  }
  return problems;
}

/** Does each swap stand where it can take effect, once? */
function checkSwaps({ prune }: Recipe, conflict: (path: Path, problem: string) => void): void {
  const { swaps = [], schedule, during } = prune as NonNullable<Recipe['prune']>;
  swaps.forEach(({ round, fromStep }, i) => {
    const at: Path = ['prune', 'swaps', i];
    if (round > schedule.rounds) {
      conflict(
        [...at, 'round'],
        `the swap is for round ${round}, but prune.schedule.rounds is ${schedule.rounds}`,
      );
    }
    if (fromStep !== undefined && !during) {
      conflict([...at, 'fromStep'], '"fromStep" goes with "prune.during": rounds are swapped as a whole');
    }
    const same = swaps.findIndex((each) => each.round === round && each.fromStep === fromStep);
    if (same < i) conflict(at, `two swaps are for round ${round}`);
    const before = swaps[i - 1];
    if (
      before &&
      (before.round > round || (before.round === round && (before.fromStep ?? -1) > (fromStep ?? -1)))
    ) {
      conflict(at, 'swaps must stand in the order in which they take effect');
    }
  });
}

/** Why a criterion would find no second moment at some pruning; undefined when it always will. */
function withoutSecondMoment({ prune, train, retrain }: Recipe, fromRound: number): string | undefined {
  if (retrain && retrain.optimizer.kind !== 'adam') return `retrain.optimizer is "${retrain.optimizer.kind}"`;
  if (prune?.during) return undefined;
  const dropped = retrain && !retrain.keepOptimizer;
  if (dropped) return 'retrain.keepOptimizer is false, so that later rounds find none';
  if (fromRound > 1) return undefined;
  const before = prune?.units ? 'prune.units.retrain' : 'train';
  const optimizer = prune?.units?.retrain.optimizer ?? train?.optimizer;
  if (!optimizer) return 'weights that were taken over (init) have none; prune `during` retraining';
  if (optimizer.kind !== 'adam') return `${before}.optimizer is "${optimizer.kind}"`;
  return undefined;
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
