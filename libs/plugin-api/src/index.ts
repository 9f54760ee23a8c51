export { type Criterion, type CriterionNeed, type ScoreInput } from './criterion';
export { type Granularity } from './granularity';
export { type Schedule } from './schedule';
