import { suggestion } from '@espalier/base';
import { bindCriterion, type Criterion } from '@espalier/plugin-api';
import { builtInPlugin } from '../built-in-plugin';
import { pruningError } from '../errors';

/** The criteria that come with Espalier, by the name that a recipe uses, with their default options. */
export const CRITERIA: Readonly<Record<string, Criterion>> = Object.fromEntries(
  Object.keys(builtInPlugin.criteria ?? {}).map((name) => [name, bindCriterion(builtInPlugin, name)]),
);

/** The criterion of that name, from ours and from `more` (a plugin's); throws PRUNING_UNKNOWN_NAME. */
export function criterionByName(name: string, more: Readonly<Record<string, Criterion>> = {}): Criterion {
  const known = { ...CRITERIA, ...more };
  if (Object.hasOwn(known, name)) return known[name];
  throw pruningError('PRUNING_UNKNOWN_NAME', {
    kind: 'criterion',
    name,
    suggestion: suggestion(name, Object.keys(known)),
  });
}
