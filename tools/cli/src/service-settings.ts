/** Settings for child processes, in the words of `services/*`: they travel in the environment, with the token. */
import type { JsonValue } from '@espalier/base';
import { busUrl } from './hub-client';

export interface CoordinatorWish {
  /** The runs folder. */
  readonly dir: string;
  readonly token: string;
  /** May watch, and nothing else. */
  readonly viewerToken?: string;
  /** May change runs. */
  readonly steerToken?: string;
  readonly host: string;
  readonly port: number;
  readonly debug?: boolean;
}

export function coordinatorSettings({
  dir,
  token,
  viewerToken,
  steerToken,
  host,
  port,
  debug,
}: CoordinatorWish): JsonValue {
  const viewers = viewerToken === undefined ? [] : [{ token: viewerToken, scopes: ['viewer'] }];
  const steerers = steerToken === undefined ? [] : [{ token: steerToken, scopes: ['steer'] }];
  return { dir, tokens: [token, ...viewers, ...steerers], host, port, logLevel: debug ? 'debug' : 'warn' };
}

export interface ServiceWish {
  readonly dir: string;
  readonly token: string;
  /** In any form that `busUrl` takes. */
  readonly hub: string;
  readonly host: string;
  readonly port?: number;
  readonly advertise?: string;
  readonly threads?: number;
  /** Default: the service's own. */
  readonly maxStoreBytes?: number;
  /** The list of plugins that it may start. */
  readonly pluginsFile?: string;
  /** Folders and packages of plugins that it may start besides. */
  readonly allowPlugins?: readonly string[];
  readonly debug?: boolean;
}

export function serviceSettings({
  dir,
  token,
  hub,
  host,
  port,
  advertise,
  threads,
  maxStoreBytes,
  pluginsFile,
  allowPlugins,
  debug,
}: ServiceWish): JsonValue {
  return {
    hubUrl: busUrl(hub),
    token,
    dir,
    listen: { host, port: port ?? 0 },
    advertise,
    threads,
    maxStoreBytes,
    pluginsFile,
    ...(allowPlugins && { allowPlugins: [...allowPlugins] }),
    logLevel: debug ? 'debug' : 'warn',
  };
}
