export { collectUnused } from './collect-unused';
export { engineErrorTable } from './errors';
export { loadEngine, tensorflowJs, type EngineInfo, type EngineOptions } from './load-tensorflow';
export { learningRateAt, type LearningRateSpec } from './session/learning-rate';
export type { Metrics } from './session/metrics';
export {
  evaluateSnapshot,
  evaluateWeights,
  openSession,
  predictSnapshot,
  requireTrainable,
  type SnapshotQuestion,
} from './session/open-session';
export type { DistillSpec, OptimizerSpec, SessionOptions, SplitName } from './session/options';
export type { SharedKernel } from './session/session-state';
export type { Progress, StepsDone, TrainOptions, TrainingSession } from './session/training-session';
