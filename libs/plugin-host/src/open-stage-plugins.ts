/** The plugins of a service that runs stages: a host of its own, and a list of what it may start. */
import { readFile } from 'node:fs/promises';
import type { Logger } from '@espalier/base';
import type { StagePlugins } from '@espalier/plugin-api';
import type { Awaited } from './attached-package';
import { pluginHostError } from './errors';
import { findPlugin } from './find-plugin';
import { openPluginHost } from './open-plugin-host';
import { TOKEN_VARIABLE, URL_VARIABLE } from './runner/variables';
import { stagePlugins, type HostedStagePlugins, type PluginPlace } from './stage-plugins';

/** What a service's log says for the person who starts a plugin, with address and token: shown, also where the rest is not. */
export const AWAITED = 'a plugin is awaited: start it, with these in its environment';

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
  const onAwaited =
    logger &&
    (({ plugin, url, token }: Awaited) =>
      logger.warn(AWAITED, { plugin, [URL_VARIABLE]: url, [TOKEN_VARIABLE]: token }));
  const host = await openPluginHost({ allow: ['*'], ...(logger && { logger, onAwaited }) });
  const places = async (): Promise<readonly PluginPlace[]> => {
    const always = await Promise.all(
      allowPlugins.map(async (from) => ({ name: (await findPlugin(from)).name, from })),
    );
    return [...always, ...(pluginsFile === undefined ? [] : await placesIn(pluginsFile))];
  };
  return {
    plugins: stagePlugins({ host, places, ours, ...(logger && { logger }) }),
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
