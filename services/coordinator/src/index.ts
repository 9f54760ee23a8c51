export { SCOPES, type AccessToken, type Scope } from './access';
export { coordinatorErrorTable } from './errors';
export {
  applyEvent,
  foldRun,
  type CurrentStage,
  type FinishedRunStage,
  type RunState,
  type RunStatus,
} from './fold-run';
export type { RetryPolicy } from './retry-policy';
export type { Fields, RunEvent, RunEventFields, RunEventInput, RunEventType, WireBytes } from './run-events';
export type { ReportExtras, RunPlanner } from './run-planner';
export type { SchedulerLimits } from './scheduler';
export { parseCoordinatorSettings } from './settings';
export {
  COORDINATOR_VERSION,
  startCoordinator,
  type CoordinatorOptions,
  type RunningCoordinator,
} from './start-coordinator';
