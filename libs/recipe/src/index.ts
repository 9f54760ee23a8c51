export { dataProblem, type DataShape, type KnownNames } from './check-recipe';
export { recipeErrorTable } from './errors';
export { matchesLayer, settingForLayer, valueForLayer, type NamedLayer } from './layer-patterns';
export { parseRecipe, validateRecipe, type CheckedRecipe, type ParseOptions } from './parse-recipe';
export { parseSweep, type Sweep, type SweepNetwork, type SweepOptions, type SweepPoint } from './parse-sweep';
export { referencesOf, type RecipeReference } from './check-references';
export {
  asReference,
  findReference,
  needsOfReference,
  pinnedReference,
  pluginNameOf,
  type PluginFacts,
  type PluginsFacts,
} from './plugin-references';
export { type PluginEntry, type Reference } from './plugins-schema';
export {
  DEFAULT_KEEP_SHARES,
  DEFAULT_SENSITIVITY_STEPS,
  type KeepSpec,
  type SensitivitySection,
  type SwapSpec,
  type UnitsSection,
} from './prune-schema';
export {
  RECIPE_VERSION,
  recipeSchema,
  type DataSection,
  type Recipe,
  type ResolvedRecipe,
  type ResolvedSection,
} from './recipe-schema';
export {
  isResolved,
  pinned,
  pluginEntry,
  resolveRecipe,
  writeResolved,
  type ResolveInputs,
} from './resolve-recipe';
export { type RetrainSection } from './retrain-schema';
export {
  completionAfter,
  levelsOf,
  progressAfter,
  quantizeBitsOf,
  qualityOf,
  retrainEpochsBefore,
  retrainEpochsOf,
  roundsOf,
} from './rounds';
export { networkAfterUnits, unitRoundsOf, unitsKeptOf } from './unit-rounds';
export { criterionOfRound, swapsWithin, withFallback, withSwap, type Swap } from './swaps';
export { recipeJsonSchema, type JsonSchema } from './schema-tree';
export { type LearningRateSpec, type OptimizerSpec, type TrainSection } from './train-schema';
