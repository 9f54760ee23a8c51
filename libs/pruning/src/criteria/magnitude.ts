/** |w|: small weights matter least (HAN15 section 3). The criterion of both papers, and the default. */
import type { Criterion } from '@espalier/plugin-api';

export const magnitude: Criterion<Record<never, never>> = {
  name: 'magnitude',
  version: '1',
  needs: ['weights'],
  defaults: {},
  score: ({ weights }) => weights.map(Math.abs),
};
