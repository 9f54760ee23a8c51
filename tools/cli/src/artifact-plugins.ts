/**
 * Who decodes the tensors of plugins in a file: those that come with this program, and those that the person who opens it names. A file
 * starts nothing by itself. Another version than the one that wrote it is given a try: the file says whether its weights are right.
 */
import { pluginTensorsOf, type DecodedByPlugins } from '@espalier/encoding';
import type { Plugin } from '@espalier/plugin-api';
import { findPlugin, openPluginHost, type LoadedPlugin, type PluginHost } from '@espalier/plugin-host';
import { decodePluginTensors } from '@espalier/stages';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './installation';
import { namedFolder } from './recipe-plugins';

/** @throws ARTIFACT_*, PLUGIN_* */
export async function decodedByPlugins(
  bytes: Uint8Array,
  allowed: readonly string[],
): Promise<DecodedByPlugins> {
  if (pluginTensorsOf(bytes).length === 0) return new Map();
  await using host = await openPluginHost({ allow: ['*'] });
  const loaded = new Map<string, LoadedPlugin | undefined>();
  return await decodePluginTensors(bytes, async ({ name: codec, options, plugin: { name } }) => {
    if (!loaded.has(name)) loaded.set(name, await load(host, name, allowed));
    return loaded.get(name)?.codec(codec, options);
  });
}

async function load(
  host: PluginHost,
  name: string,
  allowed: readonly string[],
): Promise<LoadedPlugin | undefined> {
  const ours = await shippedPlugin(name);
  if (ours) return host.inProcess(ours);
  for (const from of allowed) {
    const { name: found, folder } = await findPlugin(namedFolder(from));
    if (found === name) return host.load({ from: folder });
  }
  return undefined;
}

/** A plugin that comes with this program: its code is ours, and runs here. */
async function shippedPlugin(name: string): Promise<Plugin | undefined> {
  if (!name.startsWith('@espalier/plugin-')) return undefined;
  const pack = await findPlugin(name, ROOT).catch(() => undefined);
  if (!pack || !('module' in pack.start)) return undefined;
  if (dirname(realpathSync(pack.folder)) !== realpathSync(join(ROOT, 'libs'))) return undefined;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- by the hook that loads the workspace from source
  return (require(pack.start.module) as { readonly default: Plugin }).default;
}
