import { systemClock } from '@espalier/base';
import { hostInProcess } from './in-process';
import type { LoadedPlugin } from './loaded-plugin';
import { pluginHostError } from './errors';
import type { PluginHost, PluginHostOptions } from './plugin-host';

/** A host of plugins: what it loads ends with it. */
export async function openPluginHost(options: PluginHostOptions): Promise<PluginHost> {
  const clock = options.clock ?? systemClock;
  const loaded = new Set<LoadedPlugin>();
  const { hostVersion } = options;
  const later = (from: string): Error =>
    pluginHostError('PLUGIN_NOT_FOUND', { from, problem: 'processes of their own are not started yet' });
  return {
    load: ({ from }) => Promise.reject(later(from)),
    describe: ({ from }) => Promise.reject(later(from)),
    attach: () => {
      throw later('by hand');
    },
    inProcess(plugin, { digest } = {}) {
      const hosted = hostInProcess(plugin, {
        clock,
        ...(hostVersion !== undefined && { hostVersion }),
        ...(digest !== undefined && { digest }),
      });
      loaded.add(hosted);
      return hosted;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...loaded].map((plugin) => plugin[Symbol.asyncDispose]()));
    },
  };
}
