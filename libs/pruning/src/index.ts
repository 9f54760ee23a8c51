export {
  decideRound,
  type AccuracyBudget,
  type FinishedRound,
  type RoundDecision,
} from './budget/decide-round';
export { builtInPlugin } from './built-in-plugin';
export { CRITERIA, criterionByName } from './criteria/criterion-by-name';
export { addUnitTaylor, type UnitValues } from './criteria/taylor-unit';
export { findDeadUnits, type DeadUnitSearch, type DeadUnits } from './dead-units/find-dead-units';
export { foldAndShrink, type ShrunkNetwork } from './dead-units/fold-and-shrink';
export { networkWithUnits, takeUnits, type TakenUnits } from './dead-units/take-units';
export { pruningErrorTable } from './errors';
export { GRANULARITIES, granularityByName, isByWeight } from './granularity/granularity-by-name';
export { prune, requireScores, type PruneInput, type PruneLayer, type PruneResult } from './prune';
export { applyMaskInPlace, applyMasks } from './retraining/apply-masks';
export { dropoutRates } from './retraining/dropout-rates';
export { alternatingFreezing, type FreezingRound } from './retraining/freezing-plan';
export { keptShareAt, keptShareOf } from './schedules/kept-share-at';
export { SCHEDULES, scheduleByName } from './schedules/schedule-by-name';
export { keptCount } from './selection/kept-count';
export { layerStd, meanMagnitude } from './selection/layer-std';
export { DEFAULT_MIN_KEPT, type LayerAmount, type Selection } from './selection/select-groups';
export {
  suggestQualities,
  type LayerSuggestion,
  type SensitivityCurve,
  type SensitivityPoint,
  type SuggestionBudget,
} from './sensitivity/suggest-qualities';
