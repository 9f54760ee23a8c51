/**
 * A plugin that a person starts, on whatever machine: its `espalier-plugin.json` says what it is in the place of how it is started,
 * `{ "name", "version", "host", "contributions", "attach": true }`, or `"attach": { "host": "10.0.0.6", "port": 7400 }`: where it is waited
 * for. There are no files that could be pinned: pinned is what it says of itself, and whoever comes must say the same.
 */
import type { ContributionManifest, PluginManifest } from '@espalier/plugin-api';

export interface AttachedStart {
  /** Where it is waited for. Default: loopback, a free port. */
  readonly attach: { readonly host?: string; readonly port?: number };
  readonly manifest: PluginManifest;
}

/** What a person needs to start it; a secret. */
export interface Awaited {
  readonly plugin: string;
  /** `ws://host:port/plugin` */
  readonly url: string;
  readonly token: string;
}

/** Undefined where the description says how it is started; a text says what is wrong. */
export function attachedStart(
  description: Readonly<Record<string, unknown>> | undefined,
): AttachedStart | string | undefined {
  const { attach, start, name, version, host, description: words, contributions } = description ?? {};
  if (attach === undefined || attach === false) return undefined;
  if (start !== undefined) return 'it has a "start" and an "attach": either the host starts it, or a person';
  const where = placeOf(attach);
  if (!where) return '"attach" must be true, or { "host": address, "port": number }';
  if (typeof host !== 'string')
    return '"host" must be the range of host versions, as its plugin.hello says it';
  if (!Array.isArray(contributions)) return '"contributions" must be the list that its plugin.hello says';
  const manifest = {
    name: name as string,
    version: version as string,
    host,
    ...(typeof words === 'string' && { description: words }),
    contributions: contributions as readonly ContributionManifest[],
  };
  return { attach: where, manifest };
}

function placeOf(attach: unknown): AttachedStart['attach'] | undefined {
  if (attach === true) return {};
  if (typeof attach !== 'object' || attach === null || Array.isArray(attach)) return undefined;
  const { host, port, ...rest } = attach as Readonly<Record<string, unknown>>;
  if (Object.keys(rest).length > 0) return undefined;
  if (host !== undefined && typeof host !== 'string') return undefined;
  if (port !== undefined && !(Number.isInteger(port) && Number(port) >= 0 && Number(port) < 65_536))
    return undefined;
  return { ...(host !== undefined && { host }), ...(port !== undefined && { port: port as number }) };
}
