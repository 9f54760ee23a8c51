export { serviceErrorTable } from './errors';
export { jsonLogger, type LogLevel } from './json-logger';
export { runAsChild, takeSettings, type RunningProcess } from './run-as-child';
export { parseServiceSettings, type ServiceSettings } from './service-settings';
export {
  type OfferedStage,
  type RunnerContext,
  type RunnerEngine,
  type RunnerEvent,
  type StageInputRef,
  type StageOutput,
  type StageRunner,
} from './stage-runner';
export { showDesk, type RunnerWatcher, type ShowDesk } from './view/show-desk';
export { startStageService, type RunningService, type StageServiceOptions } from './stage-service';
export {
  DEFAULT_SUPERVISOR_LIMITS,
  SETTINGS_VARIABLE,
  stopAll,
  superviseChild,
  type ChildSpec,
  type SupervisedChild,
  type SupervisorLimits,
} from './supervise-child';
