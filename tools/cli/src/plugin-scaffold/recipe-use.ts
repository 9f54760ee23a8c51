/** Where a recipe names a contribution of each kind. */
import { assertNever } from '@espalier/base';
import type { ContributionKind } from '@espalier/plugin-api';
import type { PluginNames } from './package-name';

/** The lines of a recipe. */
export function recipeUse({ packageName, contribution }: PluginNames, kind: ContributionKind): string {
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
    case 'codec':
      return `encode:\n  codec: ${reference}`;
    case 'quantizer':
      return `share:\n  quantizer: ${reference}`;
    case 'observer':
      return `observers: [${reference}]`;
    default:
      return assertNever(kind);
  }
}
