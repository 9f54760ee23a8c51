/** The plugins of a service that runs stages: a host of its own, and a list of what it may start. */
import { readFile } from 'node:fs/promises';
import type { Logger } from '@espalier/base';
import type { StagePlugins } from '@espalier/plugin-api';
import { pluginHostError } from './errors';
import { findPlugin } from './find-plugin';
import { openPluginHost } from './open-plugin-host';
import { stagePlugins, type HostedStagePlugins, type PluginPlace } from './stage-plugins';

export interface OpenStagePluginsOptions {
  /** Who knows the contributions that come with the program. */
  readonly ours: StagePlugins;
  /** JSON: a list of `PluginPlace`; read anew when a plugin is asked for that is not loaded. */
  readonly pluginsFile?: string;
  /** Folders and installed packages that may be started whatever the file says. */
  readonly allowPlugins?: readonly string[];
  readonly logger?: Logger;
}

export interface OpenStagePlugins extends AsyncDisposable {
  readonly plugins: HostedStagePlugins;
}

export async function openStagePlugins(options: OpenStagePluginsOptions): Promise<OpenStagePlugins> {
  const { ours, pluginsFile, allowPlugins = [], logger } = options;
  const host = await openPluginHost({ allow: ['*'], ...(logger && { logger }) });
  const places = async (): Promise<readonly PluginPlace[]> => {
    const always = await Promise.all(
      allowPlugins.map(async (from) => ({ name: (await findPlugin(from)).name, from })),
    );
    return [...always, ...(pluginsFile === undefined ? [] : await placesIn(pluginsFile))];
  };
  return {
    plugins: stagePlugins({ host, places, ours }),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

/** None when there is no file. */
async function placesIn(file: string): Promise<readonly PluginPlace[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return [];
  }
  const wrong = (cause?: unknown): Error =>
    pluginHostError(
      'PLUGIN_NOT_FOUND',
      { from: file, problem: 'the list of plugins is no list of {name, from, digest}' },
      { cause },
    );
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw wrong(cause);
  }
  if (!Array.isArray(list) || !list.every(isPlace)) throw wrong();
  return list;
}

function isPlace(value: unknown): value is PluginPlace {
  const { name, from, digest } = (value ?? {}) as Partial<Record<keyof PluginPlace, unknown>>;
  const isDigest = digest === undefined || typeof digest === 'string';
  return typeof name === 'string' && typeof from === 'string' && isDigest;
}
