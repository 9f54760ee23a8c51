/** A first-party plugin in the host's own process: the same face, no limits but those of JavaScript. */
import { createHash } from 'node:crypto';
import { canonicalJson, type Clock, type JsonValue } from '@espalier/base';
import { type Plugin, manifestOf, type PluginManifest } from '@espalier/plugin-api';
import { admitManifest } from './admit-manifest';
import { HostedPlugin } from './hosted-plugin';
import { invokeDefinition, observeDefinition } from './invoke-definition';
import type { LoadedPlugin } from './loaded-plugin';

export interface InProcessOptions {
  readonly clock: Clock;
  readonly hostVersion?: string;
  /** Default: of its manifest. */
  readonly digest?: string;
}

/** @throws PLUGIN_MANIFEST, PLUGIN_HOST_VERSION, PLUGIN_KIND */
export function hostInProcess(
  plugin: Plugin,
  { clock, hostVersion, digest }: InProcessOptions,
): LoadedPlugin {
  const manifest = manifestOf(plugin);
  admitManifest(manifest, hostVersion === undefined ? {} : { hostVersion });
  const { name, version } = manifest;
  return new HostedPlugin({
    ref: { name, version, digest: digest ?? digestOfManifest(manifest) },
    manifest,
    where: 'in-process',
    clock,
    backend: {
      invoke: async (invocation, check) => check(await invokeDefinition(plugin, invocation)),
      observe: (observer, events$, context) => observeDefinition(plugin, observer, { ...context, events$ }),
    },
  });
}

/** Where there is no folder to pin. */
export function digestOfManifest(manifest: PluginManifest): string {
  return createHash('sha256')
    .update(canonicalJson(manifest as unknown as JsonValue))
    .digest('hex');
}
