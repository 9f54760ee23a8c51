export { type CheckOutcome, type Cost } from './check';
export { checkPlugin, type CheckPluginOptions, type PluginReport } from './check-plugin';
export { describePlugin, type TestRunner } from './describe-plugin';
export { type PlanOptions } from './plan-checks';
export { sampleEvents } from './sample-events';
