/**
 * The plugins of stages: what a reference of a stage's config names is loaded when it is first asked for, or let in before a swap, and
 * stays as long as stages ask for it. What may be loaded, and from where, is a list that is read anew for each plugin that is not loaded yet.
 */
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { silentLogger, type Logger } from '@espalier/base';
import type { ContributionRef, CriterionNeed, Plugin, PluginPin, StagePlugins } from '@espalier/plugin-api';
import type { PluginState } from '@espalier/protocol';
import { tryCriterion } from './canary';
import { digestFolder } from './digest-folder';
import { pluginHostError } from './errors';
import { findPlugin } from './find-plugin';
import type { GivenOptions, LoadedPlugin } from './loaded-plugin';
import type { PluginHost } from './plugin-host';
import { PluginShelf, type PluginWork } from './plugin-shelf';
import { pluginState } from './plugin-state';

/** A plugin that may be loaded here. */
export interface PluginPlace {
  /** The package's name. */
  readonly name: string;
  /** Its folder, or the name of an installed package. */
  readonly from: string;
  /** This one alone; absent: whatever lies there. */
  readonly digest?: string;
}

export interface StagePluginsOptions {
  /** Allows all: `places` is the list of what is allowed. */
  readonly host: PluginHost;
  places(): Promise<readonly PluginPlace[]>;
  /** Who knows the contributions that come with the program. */
  readonly ours: StagePlugins;
  readonly logger?: Logger;
}

/** A criterion of a plugin, as a stage's config names it. */
export interface PluginCriterion {
  readonly name: string;
  readonly options: GivenOptions;
  readonly plugin: PluginPin;
}

export interface HostedStagePlugins extends StagePlugins {
  /** Those that are loaded now, and how their calls went. */
  states(): readonly PluginState[];
  /**
   * The work of one stage. What it asks for stays loaded for the next; what it does not ask for is drained and removed at its end. What is
   * asked of this object itself stays as long as the host.
   */
  during<T>(work: (plugins: StagePlugins) => Promise<T>): Promise<T>;
  /** Before a swap: loads the plugin beside the others, tries the criterion with these options, and keeps it ready. @throws PLUGIN_* */
  admit(criterion: PluginCriterion): Promise<{ readonly needs: readonly CriterionNeed[] }>;
}

export function stagePlugins(options: StagePluginsOptions): HostedStagePlugins {
  const { host, places, ours, logger = silentLogger } = options;
  const load = async (pin: PluginPin): Promise<LoadedPlugin> => {
    const allowed = (await places()).filter(
      ({ name, digest }) => name === pin.name && (digest === undefined || digest === pin.digest),
    );
    if (allowed.length === 0) throw pluginHostError('PLUGIN_NOT_ALLOWED', { plugin: pin.name });
    const { from } = allowed[allowed.length - 1];
    const own = await firstParty(from, pin);
    return own ? host.inProcess(own, { digest: pin.digest }) : host.load({ from, expect: pin });
  };
  const shelf = new PluginShelf({ load, logger });
  return {
    ...foundBy(shelf.begin(), ours),
    states: () => shelf.loaded().map(pluginState),
    during: async (work) => {
      const begun = shelf.begin();
      let isDone = false;
      try {
        const value = await work(foundBy(begun, ours));
        isDone = true;
        return value;
      } finally {
        begun.end(isDone);
      }
    },
    admit: ({ name, options: given, plugin: pin }) =>
      shelf.letIn(pin, async (plugin) => {
        const { needs } = plugin.criterion(name, given);
        await tryCriterion(plugin, name, given);
        return { needs };
      }),
  };
}

/** Ours, and those of the plugins that the work is given. */
function foundBy({ find }: PluginWork, ours: StagePlugins): StagePlugins {
  const from = async (ref: ContributionRef): Promise<StagePlugins | LoadedPlugin> =>
    ref.plugin ? find(ref.plugin) : ours;
  const named = <T>(
    found: StagePlugins | LoadedPlugin,
    ref: ContributionRef,
    kind: keyof StagePlugins,
  ): T | Promise<T> =>
    ('ref' in found ? found[kind](ref.name, ref.options) : found[kind](ref)) as T | Promise<T>;
  return {
    criterion: async (ref) => named(await from(ref), ref, 'criterion'),
    granularity: async (ref) => named(await from(ref), ref, 'granularity'),
    schedule: async (ref) => named(await from(ref), ref, 'schedule'),
    codec: async (ref) => named(await from(ref), ref, 'codec'),
    quantizer: async (ref) => named(await from(ref), ref, 'quantizer'),
    regrowth: async (ref) => named(await from(ref), ref, 'regrowth'),
  };
}

/** A plugin that comes with this program runs in this process: its code is ours. Undefined for all others. */
async function firstParty(from: string, pin: PluginPin): Promise<Plugin | undefined> {
  if (!pin.name.startsWith('@espalier/plugin-')) return undefined;
  const { folder, start } = await findPlugin(from);
  const isOurs = dirname(realpathSync(folder)) === dirname(dirname(realpathSync(__dirname)));
  if (!isOurs || !('module' in start)) return undefined;
  const digest = await digestFolder(folder);
  if (digest !== pin.digest) {
    throw pluginHostError('PLUGIN_DIGEST', {
      plugin: pin.name,
      folder,
      actual: digest,
      expected: pin.digest,
    });
  }
  // The loader of the program runs the workspace from source; `import()` would go around it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require(start.module) as { readonly default: Plugin }).default;
}
