/** The same share of the weights in every step. */
import type { ScheduleDefinition } from '@espalier/plugin-api';
import { requireProgress } from './progress';

export const linear: ScheduleDefinition = {
  description: 'The same share in every step.',
  completion: (progress) => requireProgress(progress),
};
