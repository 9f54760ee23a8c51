/** For the specs of the kit: the names of the checks that a plugin does not pass. */
import { definePlugin, type PluginDefinition } from '../define-plugin';
import { checkPlugin } from './check-plugin';

export async function failedChecks(contributions: Partial<PluginDefinition>): Promise<string[]> {
  const plugin = { name: 'espalier-plugin-tried', version: '1.0.0', host: '^1.0.0', ...contributions };
  const { checks } = await checkPlugin(definePlugin(plugin), { patienceMs: 20_000 });
  return checks.filter(({ passed }) => !passed).map(({ name }) => name);
}

/** As it stands in a report, for whoever needs its words. */
export async function problemsOf(contributions: Partial<PluginDefinition>): Promise<string[]> {
  const plugin = { name: 'espalier-plugin-tried', version: '1.0.0', host: '^1.0.0', ...contributions };
  const { checks } = await checkPlugin(plugin, { patienceMs: 200 });
  return checks.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
}
