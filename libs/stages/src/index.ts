export { encodeAsItIs } from './as-it-is';
export {
  type CriterionConfig,
  type DuringConfig,
  type EncodeConfig,
  type EpochLearningRate,
  type KeepConfig,
  type PruneConfig,
  type SensitivityConfig,
  type ShareConfig,
  type TrainingConfig,
} from './config';
export { type StageContext, type StageEvent } from './context';
export { stagesErrorTable } from './errors';
export {
  DEFAULT_CHECKPOINT_SECONDS,
  runInProcess,
  type InProcessOptions,
  type TimedStage,
} from './in-process';
export { keptCounts, type LayerCount } from './kept';
export { evaluateArtifact, type ArtifactEvaluation } from './kinds/evaluate';
export { expectedStages, nextStage, truncateToRound, type ExpectedStage, type NextStep } from './planner';
export { planSwap, type PlannedSwap, type RunningStage } from './plan-swap';
export { decodePluginTensors } from './plugin-tensors';
export { pluginsInProcess, type ReferenceConfig } from './plugins';
export { PUBLISHED, type PublishedResult } from './published';
export { buildReport, type ReportExtras } from './report';
export { REPORT_VERSION, reportJsonSchema, reportSchema, type Report, type StageWire } from './report-schema';
export { reportMarkdown, table } from './report-markdown';
export { inputsOf, runStage, runStageCached, type CachedStageResult } from './run-stage';
export type { SensitivityCurve, SensitivityPoint, SensitivityResult } from './kinds/sensitivity';
export { sensitivity, type MeasuredPoint, type SensitivityOptions } from './sensitivity';
export {
  ALGORITHM_VERSIONS,
  STAGES_OF_SERVICE,
  STAGE_KINDS,
  stageKey,
  stageTitle,
  type FinishedStage,
  type StageInput,
  type StageKind,
  type StageResult,
  type StageServiceName,
  type StageSpec,
} from './stage';
export { usedFallback, type ScoredBy } from './scoring';
export type { StageWatcher } from './view/watcher';
export { withFallbacks } from './with-fallbacks';
