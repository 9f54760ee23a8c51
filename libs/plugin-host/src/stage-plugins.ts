/**
 * The plugins of stages: what a reference of a stage's config names is loaded when it is first asked for, and stays. What may be
 * loaded, and from where, is a list that is read anew for each plugin that is not loaded yet.
 */
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ContributionRef, PluginPin, StagePlugins } from '@espalier/plugin-api';
import type { Plugin } from '@espalier/plugin-api';
import type { PluginState } from '@espalier/protocol';
import { digestFolder } from './digest-folder';
import { pluginHostError } from './errors';
import { findPlugin } from './find-plugin';
import type { LoadedPlugin } from './loaded-plugin';
import type { PluginHost } from './plugin-host';
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
}

/** What the calls of a plugin that another version replaces may take to be answered. */
const DRAIN_MS = 5_000;

export interface HostedStagePlugins extends StagePlugins {
  /** Those that are loaded now, and how their calls went. */
  states(): readonly PluginState[];
}

export function stagePlugins({ host, places, ours }: StagePluginsOptions): HostedStagePlugins {
  const loaded = new Map<string, Promise<LoadedPlugin>>();
  /** Those of `loaded` that have been admitted. */
  const admitted = new Map<string, LoadedPlugin>();

  const load = async (pin: PluginPin): Promise<LoadedPlugin> => {
    const allowed = (await places()).filter(
      ({ name, digest }) => name === pin.name && (digest === undefined || digest === pin.digest),
    );
    if (allowed.length === 0) throw pluginHostError('PLUGIN_NOT_ALLOWED', { plugin: pin.name });
    const { from } = allowed[allowed.length - 1];
    const own = await firstParty(from, pin);
    return own ? host.inProcess(own, { digest: pin.digest }) : host.load({ from, expect: pin });
  };
  const find = (pin: PluginPin): Promise<LoadedPlugin> => {
    const known = loaded.get(pin.digest);
    if (known) return known;
    const plugin = load(pin);
    loaded.set(pin.digest, plugin);
    // A failure is not remembered: it may have been mended when the run goes on.
    plugin.catch(() => loaded.delete(pin.digest));
    void plugin.then(
      (admittedOne) => {
        if (loaded.get(pin.digest) === plugin) admitted.set(pin.digest, admittedOne);
        return retireOthers(pin);
      },
      () => undefined,
    );
    return plugin;
  };
  /** The one of the same name that was there before answers what it was asked, and goes. */
  const retireOthers = async ({ name, digest }: PluginPin): Promise<void> => {
    for (const [other, plugin] of loaded) {
      if (other === digest || (await plugin).ref.name !== name) continue;
      loaded.delete(other);
      admitted.delete(other);
      await (await plugin).drain(DRAIN_MS);
    }
  };

  const from = async (ref: ContributionRef): Promise<StagePlugins | LoadedPlugin> =>
    ref.plugin ? find(ref.plugin) : ours;
  const named = <T>(
    found: StagePlugins | LoadedPlugin,
    ref: ContributionRef,
    kind: keyof StagePlugins,
  ): T | Promise<T> =>
    ('ref' in found ? found[kind](ref.name, ref.options) : found[kind](ref)) as T | Promise<T>;
  return {
    states: () => [...admitted.values()].map(pluginState),
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
