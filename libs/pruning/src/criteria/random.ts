/** The control: every weight is as likely to go as any other. A criterion that does no better has learnt nothing. */
import type { Criterion } from '@espalier/plugin-api';

export const random: Criterion<Record<never, never>> = {
  name: 'random',
  version: '1',
  needs: ['weights'],
  defaults: {},
  score: ({ weights, random: generator }) => weights.map(() => generator.uniform()),
};
