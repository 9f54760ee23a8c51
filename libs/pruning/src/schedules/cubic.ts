/**
 * Much while the network has plenty, less and less towards the end: s_t = s_f + (s_i - s_f) * (1 - progress)^3 with s_i =
 * 0 (Zhu & Gupta 2017, equation 1).
 */
import type { ScheduleDefinition } from '@espalier/plugin-api';
import { requireProgress } from './progress';

export const cubic: ScheduleDefinition = {
  description: 'Much at first, less and less towards the end (Zhu & Gupta 2017).',
  completion: (progress) => 1 - (1 - requireProgress(progress)) ** 3,
};
