import { suggestion } from '@espalier/base';
import type { Criterion } from '@espalier/plugin-api';
import { pruningError } from '../errors';
import { fisher } from './fisher';
import { magnitude } from './magnitude';
import { magnitudeNormalised } from './magnitude-normalised';
import { random } from './random';
import { taylor } from './taylor';
import { taylorUnit } from './taylor-unit';

/** The criteria that come with Espalier, by the name that a recipe uses. */
export const CRITERIA: Readonly<Record<string, Criterion>> = {
  [magnitude.name]: magnitude,
  [magnitudeNormalised.name]: magnitudeNormalised,
  [random.name]: random,
  [fisher.name]: fisher,
  [taylor.name]: taylor,
  [taylorUnit.name]: taylorUnit,
};

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
