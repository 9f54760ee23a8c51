export { type EncodeSection, type QuantizeSection, type ShareSection } from './encode-schema';
export {
  BUILT_IN_CRITERIA,
  BUILT_IN_SCHEDULES,
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
  type EvaluateSection,
  type InitSection,
  type Recipe,
  type RecipeDocument,
  type ResolvedRecipe,
  type ResolvedSection,
} from './recipe-schema';
export { type CentroidTrainingSection, type DistillSection, type RetrainSection } from './retrain-schema';
export {
  type AugmentSection,
  type LearningRateSpec,
  type OptimizerSpec,
  type TrainSection,
} from './train-schema';
