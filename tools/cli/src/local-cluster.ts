/**
 * The five processes of a local run: the coordinator, and the services that work for it. Each is started again when it
 * dies, the coordinator on its port; all end with this process, however that ends.
 */
import type { JsonValue, Logger } from '@espalier/base';
import { AWAITED } from '@espalier/plugin-host';
import { stopAll, superviseChild, type SupervisedChild } from '@espalier/service-kit';
import type { HubAddress } from './hub-client';
import { CHILD_LOADER, SERVICE_NAMES, serviceEntry, type ServiceName } from './installation';
import { placesFile } from './plugin-places';
import type { RunsFolder } from './runs-folder';
import { coordinatorSettings, serviceSettings } from './service-settings';

export interface ClusterOptions {
  readonly folder: RunsFolder;
  readonly token: string;
  readonly viewerToken?: string;
  readonly steerToken?: string;
  /** Default: loopback. */
  readonly host?: string;
  /** Of the hub. Default: a free one. */
  readonly port?: number;
  readonly threads?: number;
  /** Folders and packages of plugins that services may start, besides those on the folder's list. */
  readonly allowPlugins?: readonly string[];
  /** Of each service's store. */
  readonly maxStoreBytes?: number;
  readonly logger: Logger;
  readonly debug?: boolean;
  /** Whenever a process was started: the ids of all that are up. */
  onPids?(pids: readonly number[]): void;
}

export interface LocalCluster extends AsyncDisposable {
  readonly hub: HubAddress;
  /** Rejects when a process could not be kept alive. */
  readonly failed: Promise<never>;
  /** By name, while they are up. */
  pids(): Readonly<Partial<Record<ServiceName, number>>>;
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/** Settles when the coordinator answers and all services were started; they announce themselves when they are ready. */
export async function startCluster(options: ClusterOptions): Promise<LocalCluster> {
  const { folder, token, threads, maxStoreBytes, logger, debug, host = LOOPBACK } = options;
  const children = new Map<ServiceName, SupervisedChild>();
  const pids = (): LocalCluster['pids'] extends () => infer P ? P : never =>
    Object.fromEntries(
      [...children].flatMap(([name, child]) => {
        const pid = child.pid();
        return pid === undefined ? [] : [[name, pid]];
      }),
    );
  const supervise = (
    name: ServiceName,
    settings: (last: JsonValue | undefined) => JsonValue,
  ): SupervisedChild => {
    const child = superviseChild({
      name,
      entry: serviceEntry(name),
      execArgv: [CHILD_LOADER],
      logger,
      settings,
      onLine: (line) => logger[line.includes(AWAITED) ? 'warn' : 'debug'](`${name}: ${line}`),
      onReady: () => options.onPids?.(Object.values(pids())),
    });
    children.set(name, child);
    options.onPids?.(Object.values(pids()));
    return child;
  };
  const stop = (): Promise<void> => stopAll([...children.values()]);

  const { viewerToken, steerToken } = options;
  const coordinator = supervise('coordinator', (last) => {
    const port = (last as { port?: number } | undefined)?.port ?? options.port ?? 0;
    return coordinatorSettings({ dir: folder.path, token, viewerToken, steerToken, host, port, debug });
  });
  let url: string;
  try {
    url = ((await coordinator.ready) as { url: string }).url;
  } catch (error) {
    await stop();
    throw error;
  }
  for (const name of SERVICE_NAMES) {
    if (name === 'coordinator') continue;
    supervise(name, () =>
      serviceSettings({
        dir: folder.store(name),
        token,
        hub: url,
        host,
        threads,
        maxStoreBytes,
        pluginsFile: placesFile(folder),
        allowPlugins: options.allowPlugins,
        debug,
      }),
    );
  }
  const failed = new Promise<never>((_, reject) => {
    for (const child of children.values()) child.ended.catch(reject);
  });
  // Whoever runs something races against it; nobody may be listening while it stops.
  failed.catch(() => undefined);
  return { hub: { url, token }, failed, pids, stop, [Symbol.asyncDispose]: stop };
}
