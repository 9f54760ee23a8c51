/**
 * Does a run's recipe, run from the start, make the run again? Not after an undo that changed it: the stages that stayed were
 * made with what it said before. Pure.
 */
import type { ResolvedRecipe } from '@espalier/recipe';
import { nextStage, stageKey, stageTitle, usedFallback, type FinishedStage } from '@espalier/stages';
import { sha256 } from '@espalier/tensor/digest';
import { cliError } from './errors';
import type { LoggedStage } from './run-records';

/** The stages that this recipe would not make, after those before them. */
export function notOf(recipe: ResolvedRecipe, finished: readonly LoggedStage[]): readonly LoggedStage[] {
  const plain = withoutCurves(recipe);
  // Where a fallback stood in for a plugin, the recipe says the fallback: another key, the same result.
  return finished.filter(({ spec, key, result }, i) => {
    const by = spec.kind === 'sensitivity' ? recipe : plain;
    return keyAfter(by, finished.slice(0, i)) !== key && !usedFallback(result.metrics);
  });
}

/** Curves that it would measure first change no stage behind them. */
function withoutCurves({ prune, ...rest }: ResolvedRecipe): ResolvedRecipe {
  if (!prune) return rest;
  const { sensitivity: _sensitivity, ...others } = prune;
  return { ...rest, prune: others };
}

/**
 * What is to be said of a recipe that does not replay its run: which stages were made with what. Undefined when it does.
 * Lines without an end.
 */
export function replayCaveat(recipe: ResolvedRecipe, finished: readonly LoggedStage[]): string | undefined {
  const groups = new Map<ResolvedRecipe, LoggedStage[]>();
  for (const stage of notOf(recipe, finished)) {
    groups.set(stage.recipe, [...(groups.get(stage.recipe) ?? []), stage]);
  }
  if (groups.size === 0) return undefined;
  const lines = [...groups].map(([made, stages]) => {
    const titles = stages.map(({ spec }) => stageTitle(spec)).join(', ');
    const settings = differences(made, recipe);
    const how = settings.length === 0 ? 'by another version of the program' : `with ${settings.join(', ')}`;
    return `  ${titles}: made ${how}`;
  });
  return ['Does not replay: an undo kept stages that this recipe would make differently.', ...lines].join(
    '\n',
  );
}

/** @throws CLI_UNDO_TRAIN when the changed recipe asks for another dense network than the one that an undo keeps */
export function requireSameTraining(
  before: ResolvedRecipe,
  recipe: ResolvedRecipe,
  sets: readonly string[],
): void {
  if (keyAfter(before, []) === keyAfter(recipe, [])) return;
  throw cliError('CLI_UNDO_TRAIN', { sets: sets.map((set) => `--set ${set}`).join(' ') });
}

function keyAfter(recipe: ResolvedRecipe, finished: readonly FinishedStage[]): string | undefined {
  const next = nextStage(recipe, finished);
  return next.step === 'stage' ? stageKey(next.spec, sha256) : undefined;
}

/** What `before` says and `after` does not, as `--set` would: `a.b=c`; `no a.b` for what was added. */
function differences(before: ResolvedRecipe, after: ResolvedRecipe): string[] {
  const [old, now] = [leaves(before), leaves(after)];
  return [
    ...[...old].filter(([path, value]) => now.get(path) !== value).map(([path, value]) => `${path}=${value}`),
    ...[...now.keys()].filter((path) => !old.has(path)).map((path) => `no ${path}`),
  ];
}

function leaves(value: unknown, path = ''): Map<string, string> {
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    Object.keys(value).length === 0
  ) {
    return new Map([[path, JSON.stringify(value)]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, path === '' ? key : `${path}.${key}`)]),
  );
}
