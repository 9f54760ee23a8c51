import { suggestion } from '@espalier/base';
import type { Schedule } from '@espalier/plugin-api';
import { pruningError } from '../errors';
import { cubic } from './cubic';
import { linear } from './linear';
import { oneShot } from './one-shot';

/** The schedules that come with Espalier, by the name that a recipe uses. */
export const SCHEDULES: Readonly<Record<string, Schedule>> = {
  [oneShot.name]: oneShot,
  [linear.name]: linear,
  [cubic.name]: cubic,
};

/** The schedule of that name, from ours and from `more` (a plugin's); throws PRUNING_UNKNOWN_NAME. */
export function scheduleByName(name: string, more: Readonly<Record<string, Schedule>> = {}): Schedule {
  const known = { ...SCHEDULES, ...more };
  if (Object.hasOwn(known, name)) return known[name];
  throw pruningError('PRUNING_UNKNOWN_NAME', {
    kind: 'schedule',
    name,
    suggestion: suggestion(name, Object.keys(known)),
  });
}
