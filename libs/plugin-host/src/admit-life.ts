/** From the first life of a plugin to the plugin: manifest, canary, and the lives that follow. */
import { type PluginManifest, type PluginPin } from '@espalier/plugin-api';
import { canonicalJson, type Clock, type JsonValue, type Logger } from '@espalier/base';
import { admitManifest } from './admit-manifest';
import { runCanary } from './canary';
import { pluginHostError } from './errors';
import { HostedPlugin } from './hosted-plugin';
import type { PluginLimits } from './limits';
import type { LoadedPlugin } from './loaded-plugin';
import type { BegunLife } from './process/own-process';
import { RestartingBackend } from './session/restarting-backend';
import type { CallStatistics } from './statistics';

export interface AdmitOptions {
  readonly ref: PluginPin;
  readonly where: LoadedPlugin['where'];
  readonly hostVersion: string;
  readonly limits: PluginLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly statistics: CallStatistics;
  /** Begins another life of it. */
  begin(): Promise<BegunLife>;
  /** It ends for good: what `begin` waits for will not come. */
  onEnd(plugin: LoadedPlugin): void;
}

/** Ends the life where it is not admitted. @throws PLUGIN_* */
export async function admitLife(first: BegunLife, options: AdmitOptions): Promise<HostedPlugin> {
  const { ref, limits, clock, logger, statistics, where } = options;
  const { manifest, session } = first;
  try {
    admitManifest(manifest, { hostVersion: options.hostVersion, name: ref.name, version: ref.version });
  } catch (error) {
    session.refuse(error as Error);
    await first.ended;
    throw error;
  }
  session.admit();
  const backend = new RestartingBackend({
    plugin: ref.name,
    limits,
    clock,
    logger,
    statistics,
    first,
    begin: () => beginSame(manifest, options),
  });
  const hosted: HostedPlugin = new HostedPlugin({
    ref,
    manifest,
    where,
    backend,
    clock,
    statistics,
    end: async () => {
      options.onEnd(hosted);
      await backend.end();
    },
  });
  try {
    await runCanary(hosted);
  } catch (error) {
    session.refuse(error as Error);
    await hosted[Symbol.asyncDispose]();
    throw error;
  }
  logger.info('a plugin is admitted', { plugin: ref.name, version: ref.version, digest: ref.digest, where });
  return hosted;
}

/** What comes back must be what was admitted; it has passed the canary. */
async function beginSame(manifest: PluginManifest, { ref, begin }: AdmitOptions): Promise<BegunLife> {
  const next = await begin();
  if (isSame(next.manifest, manifest)) {
    next.session.admit();
    return next;
  }
  const actual = 'something else than when it was admitted';
  const error = pluginHostError('PLUGIN_IDENTITY', { expected: `${ref.name} ${ref.version}`, actual });
  next.session.refuse(error);
  await next.ended;
  throw error;
}

function isSame(a: PluginManifest, b: PluginManifest): boolean {
  return canonicalJson(a as unknown as JsonValue) === canonicalJson(b as unknown as JsonValue);
}
