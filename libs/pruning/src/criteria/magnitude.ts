/** |w|: small weights matter least (HAN15 section 3). The criterion of both papers, and the default. */
import { defineCriterion } from '@espalier/plugin-api';

export const magnitude = defineCriterion({
  description: '|w|: small weights matter least (HAN15).',
  needs: ['weights'],
  score: ({ weights }) => weights.map(Math.abs),
});
