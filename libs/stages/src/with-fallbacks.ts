/** The recipe of a run in which fallbacks stood in for plugins that failed: it says so, and makes the same artifact again. Pure. */
import { withFallback, withSwap, type Reference, type ResolvedRecipe } from '@espalier/recipe';
import type { ScoredSegment } from './gradual';
import { usedFallback, type ScoredBy } from './scoring';
import type { FinishedStage } from './stage';

export function withFallbacks(recipe: ResolvedRecipe, finished: readonly FinishedStage[]): ResolvedRecipe {
  let told = recipe;
  for (const { spec, result } of finished) {
    const { fallback } = recipe.prune ?? {};
    if (!fallback || !usedFallback(result.metrics) || spec.round === undefined) continue;
    told =
      spec.kind === 'prune'
        ? withFallback(told, spec.round, fallback)
        : withSegments(told, spec.round, fallback, result.metrics['scoredBy']);
  }
  return told;
}

function withSegments(
  recipe: ResolvedRecipe,
  round: number,
  criterion: Reference,
  told: unknown,
): ResolvedRecipe {
  const failed = (told as readonly (ScoredSegment & ScoredBy)[]).filter(
    ({ failure }) => failure !== undefined,
  );
  return failed.reduce(
    (so, { fromStep }) => withSwap(so, { round, fromStep, criterion, fallback: true as const }),
    recipe,
  );
}
