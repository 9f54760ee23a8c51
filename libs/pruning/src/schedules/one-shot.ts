/** Everything at once, as soon as pruning begins. */
import type { Schedule } from '@espalier/plugin-api';
import { requireProgress } from './progress';

export const oneShot: Schedule = {
  name: 'one-shot',
  version: '1',
  completion: (progress) => (requireProgress(progress) > 0 ? 1 : 0),
};
