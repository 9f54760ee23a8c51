export type {
  HostedCodec,
  HostedCriterion,
  HostedGranularity,
  HostedObserver,
  HostedQuantizer,
  HostedRegrowth,
  HostedSchedule,
} from './contributions';
export {
  CriterionSlot,
  type CriterionChoice,
  type RoundCriterion,
  type SwapOptions,
  type SwapResult,
} from './criterion-slot';
export { pluginHostErrorTable } from './errors';
export { findPlugin, type PluginPackage } from './find-plugin';
export { DEFAULT_PLUGIN_LIMITS, type PluginLimits } from './limits';
export type { DrainResult, LoadedPlugin, PluginStatistics } from './loaded-plugin';
export { digestFolder } from './digest-folder';
export { openPluginHost } from './open-plugin-host';
export { findProtection, type Protection } from './process/protection';
export type {
  AttachInvitation,
  AttachOptions,
  PluginHost,
  PluginHostOptions,
  PluginSource,
} from './plugin-host';
export {
  stagePlugins,
  type HostedStagePlugins,
  type PluginPlace,
  type StagePluginsOptions,
} from './stage-plugins';
export {
  AWAITED,
  openStagePlugins,
  type OpenStagePlugins,
  type OpenStagePluginsOptions,
} from './open-stage-plugins';
