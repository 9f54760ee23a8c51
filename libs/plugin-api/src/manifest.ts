/** What a plugin says of itself before anything of it is called: plain JSON, so that it can be sent, checked and shown. */
import { CONTRIBUTION_KINDS, type ContributionKind, type Contributions, type Plugin } from './define-plugin';
import type { OptionsSchema } from './options';

export interface ContributionManifest {
  readonly kind: ContributionKind;
  readonly name: string;
  readonly description?: string;
  /** Of a criterion or a regrowth. */
  readonly needs?: readonly string[];
  readonly options?: OptionsSchema;
  /** Of a granularity: it says itself how much stays (N:M). */
  readonly pattern?: boolean;
  /** Of an observer: the types of events that it wants; absent: all. */
  readonly events?: readonly string[];
}

export interface PluginManifest {
  readonly name: string;
  readonly version: string;
  /** Semver range of HOST_VERSION. */
  readonly host: string;
  readonly description?: string;
  readonly contributions: readonly ContributionManifest[];
}

interface Described {
  readonly description?: string;
  readonly needs?: readonly string[];
  readonly options?: OptionsSchema;
  readonly pattern?: unknown;
  readonly events?: readonly string[];
}

/** The manifest of a plugin; contributions in the order of `CONTRIBUTION_KINDS`, then as they were written. */
export function manifestOf(plugin: Plugin): PluginManifest {
  const { name, version, host, description } = plugin;
  const kinds = Object.keys(CONTRIBUTION_KINDS) as Contributions[];
  const contributions = kinds.flatMap((kind) =>
    Object.entries((plugin[kind] ?? {}) as Readonly<Record<string, Described>>).map(
      ([key, contribution]): ContributionManifest => ({
        kind: CONTRIBUTION_KINDS[kind],
        name: key,
        ...(contribution.description !== undefined && { description: contribution.description }),
        ...(contribution.needs && { needs: contribution.needs }),
        ...(contribution.options && { options: contribution.options }),
        ...(typeof contribution.pattern === 'function' && { pattern: true }),
        ...(contribution.events && { events: contribution.events }),
      }),
    ),
  );
  return { name, version, host, ...(description !== undefined && { description }), contributions };
}
