export { dataProblem, type DataShape, type KnownNames } from './check-recipe';
export { type EncodeSection, type QuantizeSection, type ShareSection } from './encode-schema';
export { recipeErrorTable } from './errors';
export { matchesLayer, settingForLayer, valueForLayer, type NamedLayer } from './layer-patterns';
export { parseRecipe, validateRecipe, type CheckedRecipe, type ParseOptions } from './parse-recipe';
export {
  type BudgetSection,
  type DuringSection,
  type KeepSpec,
  type PruneSection,
  type QualitySpec,
} from './prune-schema';
export {
  RECIPE_VERSION,
  recipeSchema,
  type DataSection,
  type EngineSection,
  type InitSection,
  type Recipe,
  type RecipeDocument,
  type ResolvedRecipe,
  type ResolvedSection,
} from './recipe-schema';
export { isResolved, resolveRecipe, writeResolved, type ResolveInputs } from './resolve-recipe';
export { type CentroidTrainingSection, type DistillSection, type RetrainSection } from './retrain-schema';
export {
  levelsOf,
  quantizeBitsOf,
  qualityOf,
  retrainEpochsBefore,
  retrainEpochsOf,
  roundsOf,
} from './rounds';
export { recipeJsonSchema, type JsonSchema } from './schema-tree';
export {
  type AugmentSection,
  type LearningRateSpec,
  type OptimizerSpec,
  type TrainSection,
} from './train-schema';
