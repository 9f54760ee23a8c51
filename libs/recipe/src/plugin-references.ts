/** What the references of a recipe stand for: ours by their names, a plugin's as `plugin/name`. */
import {
  manifestOf,
  splitReference,
  type ContributionKind,
  type ContributionManifest,
  type ContributionRef,
  type OptionValues,
  type PluginManifest,
} from '@espalier/plugin-api';
import { builtInPlugin } from '@espalier/pruning';
import type { PluginEntry, Reference } from './plugins-schema';

/** What is known of a plugin that was looked at. */
export interface PluginFacts {
  readonly manifest: PluginManifest;
  readonly digest: string;
}

/** By the key under which they stand in the recipe's `plugins`. */
export type PluginsFacts = Readonly<Record<string, PluginFacts>>;

/** A bare name as a reference. */
export function asReference(value: string | Reference): Reference {
  return typeof value === 'string' ? { name: value, options: {} } : value;
}

/** Ours of that kind. */
export function ours(kind: ContributionKind): readonly ContributionManifest[] {
  return OURS.filter((each) => each.kind === kind);
}

const OURS = manifestOf(builtInPlugin).contributions;

export type Found =
  /** One of ours. */
  | { readonly contribution: ContributionManifest; readonly full: string; readonly plugin?: undefined }
  | { readonly contribution: ContributionManifest; readonly full: string; readonly plugin: string }
  /** Nothing is known of the plugins yet. */
  | 'pending'
  /** There is none; these are near. */
  | { readonly known: readonly string[]; readonly among: 'plugin' | ContributionKind }
  /** Several plugins have one of that name. */
  | { readonly several: readonly string[] };

/** @param declared the keys of the recipe's `plugins` */
export function findReference(
  kind: ContributionKind,
  reference: string,
  { declared, facts }: { readonly declared: readonly string[]; readonly facts?: PluginsFacts },
): Found {
  const { plugin, name } = splitReference(reference);
  const own = ours(kind);
  if (plugin !== undefined) {
    if (!declared.includes(plugin)) return { known: declared, among: 'plugin' };
    if (!facts) return 'pending';
    const found = ofPlugin(facts, plugin, kind).find((each) => each.name === name);
    if (found) return { contribution: found, full: reference, plugin };
    return { known: ofPlugin(facts, plugin, kind).map((each) => `${plugin}/${each.name}`), among: kind };
  }
  const mine = own.find((each) => each.name === name);
  if (mine) return { contribution: mine, full: name };
  if (declared.length > 0 && !facts) return 'pending';
  const theirs = declared.flatMap((key) =>
    ofPlugin(facts ?? {}, key, kind).map((contribution) => ({ key, contribution })),
  );
  const fitting = theirs.filter(({ contribution }) => contribution.name === name);
  if (fitting.length > 1) return { several: fitting.map(({ key }) => `${key}/${name}`) };
  if (fitting.length === 1) {
    const [{ key, contribution }] = fitting;
    return { contribution, full: `${key}/${name}`, plugin: key };
  }
  const all = [
    ...own.map((each) => each.name),
    ...theirs.map(({ key, contribution }) => `${key}/${contribution.name}`),
  ];
  return { known: all, among: kind };
}

function ofPlugin(facts: PluginsFacts, key: string, kind: ContributionKind): readonly ContributionManifest[] {
  if (!Object.hasOwn(facts, key)) return [];
  return facts[key].manifest.contributions.filter((each) => each.kind === kind);
}

/** The name of the plugin that stands under this key: `mine`, or `mine@` and the beginning of a digest. */
export function pluginNameOf(key: string): string {
  const at = key.lastIndexOf('@');
  return at > 0 ? key.slice(0, at) : key;
}

type Pinned = { readonly plugins?: Readonly<Record<string, PluginEntry>> };

/** A reference of a resolved recipe as a stage is told it, its plugin pinned. */
export function pinnedReference({ plugins }: Pinned, { name: full, options }: Reference): ContributionRef {
  const { plugin, name } = splitReference(full);
  const entry = plugin === undefined ? undefined : plugins?.[plugin];
  const given = options as OptionValues;
  if (plugin === undefined || !entry) return { name, options: given };
  const { version = '', digest = '' } = entry;
  return { name, options: given, plugin: { name: pluginNameOf(plugin), version, digest } };
}

/** What the contribution of a resolved recipe's reference needs. */
export function needsOfReference({ plugins }: Pinned, full: string): readonly string[] {
  const { plugin, name } = splitReference(full);
  if (plugin !== undefined) return plugins?.[plugin]?.needs?.[name] ?? [];
  return ours('criterion').find((each) => each.name === name)?.needs ?? [];
}
