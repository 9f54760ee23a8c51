/** The control: every weight is as likely to go as any other. A criterion that does no better has learnt nothing. */
import { defineCriterion } from '@espalier/plugin-api';

export const random = defineCriterion({
  description: 'The control: every weight is as likely to go as any other.',
  needs: ['weights'],
  score: ({ weights, random: generator }) => weights.map(() => generator.uniform()),
});
