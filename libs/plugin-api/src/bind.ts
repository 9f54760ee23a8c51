/**
 * Contributions as the host uses them: known by name and version, their options filled in. What runs in the host's process and
 * what runs in one of its own look alike here, so anything may take its time.
 */
import { suggestion } from '@espalier/base';
import type { Mask, Shape } from '@espalier/tensor';
import type { CodecDefinition, DecodeInput, EncodeInput } from './codec';
import type { Criterion, CriterionDefinition } from './criterion';
import { CONTRIBUTION_KINDS, type Contributions, type Plugin } from './define-plugin';
import { pluginError } from './errors';
import type { Granularity, GranularityDefinition, Pattern } from './granularity';
import { readOptions, type OptionsSchema, type OptionValues } from './options';
import type { Quantized, QuantizeInput, QuantizerDefinition } from './quantizer';
import type { ContributionRef } from './reference';
import type { RegrowInput, RegrowthDefinition, RegrowthNeed } from './regrowth';
import type { Schedule, ScheduleDefinition } from './schedule';

export interface Codec {
  readonly name: string;
  readonly version: string;
  readonly options: OptionValues;
  encode(input: Omit<EncodeInput, 'options'>): Uint8Array | Promise<Uint8Array>;
  decode(input: Omit<DecodeInput, 'options'>): Float32Array | Promise<Float32Array>;
}

export interface Quantizer {
  readonly name: string;
  readonly version: string;
  quantize(input: Omit<QuantizeInput, 'options'>): Quantized | Promise<Quantized>;
}

export interface Regrowth {
  readonly name: string;
  readonly version: string;
  readonly needs: readonly RegrowthNeed[];
  regrow(input: Omit<RegrowInput, 'options'>): Mask | Promise<Mask>;
}

/** A granularity in this process answers at once. */
export interface LocalGranularity extends Granularity {
  groupCount(shape: Shape): number;
  groupsOf(shape: Shape): Uint32Array;
  pattern?(shape: Shape): Pattern;
}

/** A schedule in this process answers at once. */
export interface LocalSchedule extends Schedule {
  completion(progress: number): number;
}

/** Who finds what a stage's references name. Each throws PLUGIN_* when it is not to be had. */
export interface StagePlugins {
  /** Its `defaults` are the reference's options over the criterion's own. */
  criterion(ref: ContributionRef): Promise<Criterion>;
  granularity(ref: ContributionRef): Promise<Granularity>;
  schedule(ref: ContributionRef): Promise<Schedule>;
  codec(ref: ContributionRef): Promise<Codec>;
  quantizer(ref: ContributionRef): Promise<Quantizer>;
  regrowth(ref: ContributionRef): Promise<Regrowth>;
}

/* Options differ between definitions; `readOptions` has checked them against the definition's own schema. */
/* eslint-disable @typescript-eslint/no-explicit-any */

/** @throws PLUGIN_CONTRIBUTION when there is none of that name, PLUGIN_OPTION, PLUGIN_UNKNOWN_OPTION */
export function bindCriterion(plugin: Plugin, name: string, options: OptionValues = {}): Criterion {
  const definition = find<CriterionDefinition<any>>(plugin, 'criteria', name);
  return {
    name,
    version: plugin.version,
    needs: definition.needs,
    defaults: filled(definition.options, options, `criterion "${name}"`),
    score: (input) => definition.score(input as never),
  };
}

/** @throws as `bindCriterion` */
export function bindGranularity(plugin: Plugin, name: string, options: OptionValues = {}): LocalGranularity {
  const definition = find<GranularityDefinition<any>>(plugin, 'granularities', name);
  const values = filled(definition.options, options, `granularity "${name}"`);
  const { pattern } = definition;
  return {
    name,
    version: plugin.version,
    groupCount: (shape) => definition.groupCount(shape, values as never),
    groupsOf: (shape) => definition.groupsOf(shape, values as never),
    ...(pattern && { pattern: (shape) => pattern.call(definition, shape, values as never) }),
  };
}

/** @throws as `bindCriterion` */
export function bindSchedule(plugin: Plugin, name: string, options: OptionValues = {}): LocalSchedule {
  const definition = find<ScheduleDefinition<any>>(plugin, 'schedules', name);
  const values = filled(definition.options, options, `schedule "${name}"`);
  return {
    name,
    version: plugin.version,
    completion: (progress) => definition.completion(progress, values as never),
  };
}

/** @throws as `bindCriterion` */
export function bindCodec(plugin: Plugin, name: string, options: OptionValues = {}): Codec {
  const definition = find<CodecDefinition<any>>(plugin, 'codecs', name);
  const values = filled(definition.options, options, `codec "${name}"`);
  return {
    name,
    version: plugin.version,
    options: values,
    encode: (input) => definition.encode({ ...input, options: values as never }),
    decode: (input) => definition.decode({ ...input, options: values as never }),
  };
}

/** @throws as `bindCriterion` */
export function bindQuantizer(plugin: Plugin, name: string, options: OptionValues = {}): Quantizer {
  const definition = find<QuantizerDefinition<any>>(plugin, 'quantizers', name);
  const values = filled(definition.options, options, `quantizer "${name}"`);
  return {
    name,
    version: plugin.version,
    quantize: (input) => definition.quantize({ ...input, options: values as never }),
  };
}

/** @throws as `bindCriterion` */
export function bindRegrowth(plugin: Plugin, name: string, options: OptionValues = {}): Regrowth {
  const definition = find<RegrowthDefinition<any>>(plugin, 'regrowths', name);
  const values = filled(definition.options, options, `regrowth "${name}"`);
  return {
    name,
    version: plugin.version,
    needs: definition.needs,
    regrow: (input) => definition.regrow({ ...input, options: values as never }),
  };
}
/* eslint-enable @typescript-eslint/no-explicit-any */

function find<T>(plugin: Plugin, kind: Contributions, name: string): T {
  const all = (plugin[kind] ?? {}) as Readonly<Record<string, T>>;
  if (Object.hasOwn(all, name)) return all[name];
  throw pluginError('PLUGIN_CONTRIBUTION', {
    plugin: plugin.name,
    kind: CONTRIBUTION_KINDS[kind],
    name,
    suggestion: suggestion(name, Object.keys(all)),
  });
}

function filled(schema: OptionsSchema | undefined, options: OptionValues, of: string): OptionValues {
  return readOptions(schema ?? {}, options, of);
}
