/** A plugin as people see it who look at the service that hosts it. */
import type { PluginState } from '@espalier/protocol';
import type { LoadedPlugin } from './loaded-plugin';

export function pluginState({ ref, statistics }: Pick<LoadedPlugin, 'ref' | 'statistics'>): PluginState {
  const { name, version, digest } = ref;
  const { calls, restarts, unanswered, latencyMs } = statistics;
  // Before the first answer there is no time to tell.
  const times = calls > unanswered && { meanMs: latencyMs.mean, p50Ms: latencyMs.p50, p99Ms: latencyMs.p99 };
  return { name, version, digest, calls, restarts, ...times };
}
