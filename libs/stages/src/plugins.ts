/** What the references of a stage's config stand for, and who finds it. */
import { suggestion } from '@espalier/base';
import {
  bindCodec,
  bindCriterion,
  bindGranularity,
  bindQuantizer,
  bindRegrowth,
  bindSchedule,
  type ContributionRef,
  type OptionValues,
  type Plugin,
  type StagePlugins,
} from '@espalier/plugin-api';
import { CRITERIA, GRANULARITIES, SCHEDULES, builtInPlugin } from '@espalier/pruning';
import { stagesError } from './errors';

/**
 * As it stands in a config: the name of one of ours, its options beside it, or a whole reference. The version of the stage's
 * algorithm covers what ours compute; a plugin is pinned in the reference, so that the stage's key changes with it.
 */
export type ReferenceConfig = string | ContributionRef;

/** @param options of one of ours */
export function referenceIn(reference: ReferenceConfig, options: OptionValues = {}): ContributionRef {
  return typeof reference === 'string' ? { name: reference, options } : reference;
}

/** The other way round: ours without options as their bare name, as they have always stood in configs. */
export function asConfig(reference: ContributionRef): ReferenceConfig {
  const bare = !reference.plugin && Object.keys(reference.options).length === 0;
  return bare ? reference.name : reference;
}

/** Finds ours, and those of plugins that run in this process; a reference must name the very version. */
export function pluginsInProcess(
  plugins: readonly { readonly plugin: Plugin; readonly digest: string }[] = [],
): StagePlugins {
  const pluginOf = ({ plugin, name }: ContributionRef): Plugin => {
    if (!plugin) return builtInPlugin;
    const found = plugins.find(
      ({ plugin: each, digest }) => each.name === plugin.name && digest === plugin.digest,
    );
    if (found) return found.plugin;
    const here = plugins.map(({ plugin: each }) => each.name);
    const near = suggestion(plugin.name, here);
    throw stagesError('STAGE_PLUGIN_MISSING', { ...plugin, contribution: name, suggestion: near });
  };
  /** Ours without options are one object each, by which they are recognised. */
  const find =
    <T>(
      bind: (plugin: Plugin, name: string, options: OptionValues) => T,
      ours: Readonly<Record<string, T>> = {},
    ) =>
    async (ref: ContributionRef): Promise<T> => {
      const isOurs = !ref.plugin && Object.keys(ref.options).length === 0 && Object.hasOwn(ours, ref.name);
      return isOurs ? ours[ref.name] : bind(pluginOf(ref), ref.name, ref.options);
    };
  return {
    criterion: find(bindCriterion, CRITERIA),
    granularity: find(bindGranularity, GRANULARITIES),
    schedule: find(bindSchedule, SCHEDULES),
    codec: find(bindCodec),
    quantizer: find(bindQuantizer),
    regrowth: find(bindRegrowth),
  };
}
