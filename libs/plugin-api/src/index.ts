// What authors meet in the contracts, so that this package is all that they install.
export { Random, type JsonValue } from '@espalier/base';
export { Mask, sizeOf, type Shape } from '@espalier/tensor';
export {
  bindCodec,
  bindCriterion,
  bindGranularity,
  bindQuantizer,
  bindRegrowth,
  bindSchedule,
  type Codec,
  type LocalGranularity,
  type LocalSchedule,
  type Quantizer,
  type Regrowth,
  type StagePlugins,
} from './bind';
export { type CodecDefinition, type DecodeInput, type EncodeInput } from './codec';
export {
  CRITERION_NEEDS,
  type Criterion,
  type CriterionDefinition,
  type CriterionNeed,
  type ScoreInput,
} from './criterion';
export {
  CONTRIBUTION_KINDS,
  HOST_VERSION,
  defineCriterion,
  definePlugin,
  type ContributionKind,
  type Contributions,
  type Plugin,
  type PluginDefinition,
} from './define-plugin';
export { pluginErrorTable } from './errors';
export { type Granularity, type GranularityDefinition, type Pattern } from './granularity';
export { manifestOf, type ContributionManifest, type PluginManifest } from './manifest';
export {
  type Observation,
  type ObserveContext,
  type ObservedEvent,
  type ObserverDefinition,
} from './observer';
export {
  defaultsOf,
  optionsJsonSchema,
  readOptions,
  type BooleanOption,
  type NumberOption,
  type OptionSchema,
  type OptionValue,
  type OptionValues,
  type OptionsOf,
  type OptionsSchema,
  type StringOption,
} from './options';
export {
  type AffineQuantized,
  type CodebookQuantized,
  type QuantizeInput,
  type Quantized,
  type QuantizerDefinition,
} from './quantizer';
export { splitReference, type ContributionRef, type PluginPin } from './reference';
export { REGROWTH_NEEDS, type RegrowInput, type RegrowthDefinition, type RegrowthNeed } from './regrowth';
export { type Schedule, type ScheduleDefinition } from './schedule';
