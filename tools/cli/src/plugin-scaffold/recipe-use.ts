/** Where a recipe names a contribution of each kind. */
import type { ContributionKind } from '@espalier/plugin-api';
import type { PluginNames } from './package-name';

/** The lines of a recipe; undefined where it has no place for the kind. */
export function recipeUse(
  { packageName, contribution }: PluginNames,
  kind: ContributionKind,
): string | undefined {
  const reference = `'${packageName}/${contribution}'`;
  switch (kind) {
    case 'criterion':
      return `prune:\n  criterion: ${reference}`;
    case 'granularity':
      return `prune:\n  granularity: ${reference}`;
    case 'schedule':
      return `prune:\n  schedule: { kind: ${reference}, rounds: 5 }`;
    case 'regrowth':
      return `prune:\n  regrowth: ${reference}`;
    // No section of a recipe names these yet: programs use them through libs/plugin-host.
    case 'codec':
    case 'quantizer':
    case 'observer':
      return undefined;
  }
}
