/** What a plugin says of itself: name, version, the host that it was made for, and what it contributes. */
import {
  CONTRIBUTION_KINDS,
  type ContributionKind,
  type Contributions,
  type OptionsSchema,
  type Plugin,
} from '@espalier/plugin-api';

/** Which plugin: what a resolved recipe pins and a run's log names. */
export interface PluginRef {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of its folder, see `digestFolder`; of a plugin that somebody else started, of its manifest. */
  readonly digest: string;
}

export interface ManifestContribution {
  readonly kind: ContributionKind;
  readonly name: string;
  readonly description?: string;
  /** Of a criterion or a regrowth. */
  readonly needs?: readonly string[];
  readonly options?: OptionsSchema;
  /** Of a granularity: it says which groups compete. */
  readonly pattern?: boolean;
  /** Of an observer: types of events that it wants; absent: all. */
  readonly events?: readonly string[];
}

export interface PluginManifest {
  readonly name: string;
  readonly version: string;
  /** Semver range of host versions. */
  readonly host: string;
  readonly description?: string;
  readonly contributions: readonly ManifestContribution[];
}

/** The manifest that follows from a definition. */
export function manifestOfPlugin(plugin: Plugin): PluginManifest {
  const contributions = (Object.keys(CONTRIBUTION_KINDS) as Contributions[]).flatMap((group) =>
    Object.entries(plugin[group] ?? {}).map(([name, definition]): ManifestContribution => {
      const { description, needs, options, pattern, events } = definition as {
        readonly description?: string;
        readonly needs?: readonly string[];
        readonly options?: OptionsSchema;
        readonly pattern?: unknown;
        readonly events?: readonly string[];
      };
      return {
        kind: CONTRIBUTION_KINDS[group],
        name,
        ...(description !== undefined && { description }),
        ...(needs && { needs }),
        ...(options && { options }),
        ...(pattern !== undefined && { pattern: true }),
        ...(events && { events }),
      };
    }),
  );
  const { name, version, host, description } = plugin;
  return { name, version, host, ...(description !== undefined && { description }), contributions };
}
