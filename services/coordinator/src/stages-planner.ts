/** The planner of real runs: recipes and stages as `@espalier/recipe` and `@espalier/stages` know them. */
import type { JsonValue } from '@espalier/base';
import {
  findReference,
  isResolved,
  needsOfReference,
  parseRecipe,
  pinnedReference,
  type ResolvedRecipe,
  type Swap,
} from '@espalier/recipe';
import {
  buildReport,
  expectedStages,
  nextStage,
  planSwap,
  stageKey,
  stageTitle,
  truncateToRound,
} from '@espalier/stages';
import { sha256 } from '@espalier/tensor/digest';
import { coordinatorError } from './errors';
import type { RunPlanner, SwapAdmission } from './run-planner';

/** As the run's folder names it. */
const ARTIFACT_FILE = 'model.espalier';

export const stagesPlanner: RunPlanner = {
  checkRecipe(value) {
    const { recipe } = parseRecipe(JSON.stringify(value), { file: 'the recipe' });
    if (!isResolved(recipe)) {
      throw coordinatorError('COORDINATOR_REQUEST', {
        problem: 'the recipe is not resolved: it lacks "resolved" or "engine.threads"',
      });
    }
    return recipe as unknown as JsonValue;
  },
  nextStage: (recipe, finished) => nextStage(typed(recipe), finished),
  truncateToRound: (finished, round, recipe) =>
    finished.slice(0, truncateToRound(finished, round, typed(recipe)).length),
  planSwap(recipe, finished, wish, running) {
    const asked = wish as unknown as Pick<Swap, 'criterion' | 'plugins'>;
    const { recipe: swapped, ...planned } = planSwap(typed(recipe), finished, asked, running);
    stagesPlanner.checkRecipe(swapped);
    const admission = admissionOf(swapped, asked);
    return { ...planned, ...(admission && { admission }) };
  },
  expectedStages: (recipe) => expectedStages(typed(recipe)),
  stageTitle,
  stageKey: (spec) => stageKey(spec, sha256),
  buildReport(recipe, finished, { run, stages, engine }) {
    const report = buildReport(typed(recipe), finished, {
      runId: run,
      artifactPath: ARTIFACT_FILE,
      engine: reportedEngine(engine),
      stages,
    });
    return report as unknown as JsonValue;
  },
};

/** @throws COORDINATOR_REQUEST for a criterion that there is not, or whose plugin is not pinned */
function admissionOf(
  recipe: ResolvedRecipe,
  { criterion }: Pick<Swap, 'criterion'>,
): SwapAdmission | undefined {
  const { name, options, plugin } = pinnedReference(recipe, criterion);
  if (!plugin) {
    const ours = findReference('criterion', name, { declared: [] });
    if (typeof ours === 'object' && 'contribution' in ours) return undefined;
    const problem = `there is no criterion "${name}" of ours; one of a plugin is named PLUGIN/NAME`;
    throw coordinatorError('COORDINATOR_REQUEST', { problem });
  }
  if (plugin.version === '' || plugin.digest === '') {
    const problem = `"plugins" must pin "${plugin.name}" by version and digest, as a resolved recipe does`;
    throw coordinatorError('COORDINATOR_REQUEST', { problem });
  }
  return {
    kind: recipe.prune?.during ? 'retrain' : 'prune',
    name: criterion.name,
    criterion: { name, options, plugin },
    needs: needsOfReference(recipe, criterion.name),
  };
}

type ReportedEngine = Parameters<typeof buildReport>[2]['engine'];

/** The engine as a service announced it: the report must not say one that nobody told. @throws COORDINATOR_ENGINE */
function reportedEngine(value: JsonValue): ReportedEngine {
  const { backend, version, threads } = (value ?? {}) as { readonly [key: string]: JsonValue };
  const isKnown = (backend === 'native' || backend === 'wasm') && typeof version === 'string';
  if (!isKnown || typeof threads !== 'number') {
    throw coordinatorError('COORDINATOR_ENGINE', { told: JSON.stringify(value) });
  }
  return { backend, version, threads };
}

/** `checkRecipe` has checked it before it came into a log. */
function typed(recipe: JsonValue): ResolvedRecipe {
  return recipe as unknown as ResolvedRecipe;
}
