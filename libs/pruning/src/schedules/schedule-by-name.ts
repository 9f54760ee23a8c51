import { suggestion } from '@espalier/base';
import { bindSchedule, type LocalSchedule } from '@espalier/plugin-api';
import { builtInPlugin } from '../built-in-plugin';
import { pruningError } from '../errors';

/** The schedules that come with Espalier, by the name that a recipe uses. */
export const SCHEDULES: Readonly<Record<string, LocalSchedule>> = Object.fromEntries(
  Object.keys(builtInPlugin.schedules ?? {}).map((name) => [name, bindSchedule(builtInPlugin, name)]),
);

/** The schedule of that name, from ours; throws PRUNING_UNKNOWN_NAME. */
export function scheduleByName(name: string): LocalSchedule {
  if (Object.hasOwn(SCHEDULES, name)) return SCHEDULES[name];
  throw pruningError('PRUNING_UNKNOWN_NAME', {
    kind: 'schedule',
    name,
    suggestion: suggestion(name, Object.keys(SCHEDULES)),
  });
}
