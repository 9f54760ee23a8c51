/**
 * The program that the process of a Node plugin runs: `node main.cjs MODULE`, with the host's address and a token in its environment. The
 * host brings it, so that a plugin's package needs `@espalier/plugin-api` alone, and not even that where it is not installed: then it gets
 * the host's.
 */
import Module from 'node:module';
import { pathToFileURL } from 'node:url';
import * as base from '@espalier/base';
import { errorMessage } from '@espalier/base';
import * as pluginApi from '@espalier/plugin-api';
import type { Plugin } from '@espalier/plugin-api';
import * as coding from '@espalier/plugin-api/coding';
import * as tensor from '@espalier/tensor';
import * as rxjs from 'rxjs';
import { servePlugin } from './serve-plugin';
import { SOCKET_VARIABLE, TOKEN_VARIABLE, URL_VARIABLE } from './variables';

const OURS: Readonly<Record<string, unknown>> = {
  '@espalier/plugin-api': pluginApi,
  '@espalier/plugin-api/coding': coding,
  '@espalier/base': base,
  '@espalier/tensor': tensor,
  rxjs,
};

interface Loader {
  _resolveFilename(request: string, ...rest: unknown[]): string;
  readonly _cache: Record<string, unknown>;
}

async function main(file: string): Promise<void> {
  const url = addressOf(process.env);
  const token = process.env[TOKEN_VARIABLE] ?? '';
  // The plugin's code has no use for them.
  for (const name of [URL_VARIABLE, SOCKET_VARIABLE, TOKEN_VARIABLE]) delete process.env[name];
  lendOurs(Module as unknown as Loader);
  const served = await servePlugin(await pluginOf(file), { url, token });
  const { refusal } = await served.ended;
  if (refusal !== undefined) throw new Error(refusal);
}

function addressOf(env: NodeJS.ProcessEnv): string {
  const [url, socket] = [env[URL_VARIABLE], env[SOCKET_VARIABLE]];
  if (url === undefined)
    throw new Error(`${URL_VARIABLE} is not set: this program is started by a host of plugins`);
  return socket === undefined ? url : `ws+unix:${socket}:${new URL(url).pathname}`;
}

/** What a plugin requires of ours and has not installed itself. */
function lendOurs(loader: Loader): void {
  const resolveFilename = loader._resolveFilename;
  for (const [name, exports] of Object.entries(OURS)) {
    loader._cache[`espalier:${name}`] = { id: name, filename: name, loaded: true, exports };
  }
  loader._resolveFilename = function lent(request, ...rest) {
    try {
      return resolveFilename.call(this, request, ...rest);
    } catch (error) {
      if (Object.hasOwn(OURS, request)) return `espalier:${request}`;
      throw error;
    }
  };
}

async function pluginOf(file: string): Promise<Plugin> {
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  // A CommonJS module is the default export of itself; one that was compiled from `export default` has another inside.
  const outer = module['default'] as Record<string, unknown> | undefined;
  const candidates = [outer?.['default'], outer?.['plugin'], outer, module['plugin']];
  const plugin = candidates.find((candidate) => typeof (candidate as Plugin | undefined)?.name === 'string');
  if (plugin) return pluginApi.definePlugin(plugin as Plugin);
  throw new Error(`${file} exports no plugin; it must be the default export, made with definePlugin`);
}

main(process.argv[2]).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${errorMessage(error)}\n`);
    process.exit(1);
  },
);
