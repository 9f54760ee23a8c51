/** How a recipe, and what is made of it, names a contribution. */
import type { OptionValues } from './options';

/** Which plugin it was, to the byte. */
export interface PluginPin {
  readonly name: string;
  readonly version: string;
  /** SHA-256 over the sorted list of the paths and digests of its files, in hex. */
  readonly digest: string;
}

/** A contribution as a stage is told it. */
export interface ContributionRef {
  /** The contribution's own name. */
  readonly name: string;
  /** Over its defaults. */
  readonly options: OptionValues;
  /** Absent: it is one of ours. */
  readonly plugin?: PluginPin;
}

/** `contribution` or `plugin-name/contribution`: split at the last `/`, since a plugin's name may have a scope. */
export function splitReference(reference: string): { readonly plugin?: string; readonly name: string } {
  const slash = reference.lastIndexOf('/');
  return slash < 0
    ? { name: reference }
    : { plugin: reference.slice(0, slash), name: reference.slice(slash + 1) };
}
