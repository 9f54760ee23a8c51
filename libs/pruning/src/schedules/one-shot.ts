/** Everything at once, as soon as pruning begins. */
import type { ScheduleDefinition } from '@espalier/plugin-api';
import { requireProgress } from './progress';

export const oneShot: ScheduleDefinition = {
  description: 'Everything at once, as soon as pruning begins.',
  completion: (progress) => (requireProgress(progress) > 0 ? 1 : 0),
};
