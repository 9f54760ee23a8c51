/** Dynamic network surgery (Guo et al. 2016): connections that were cut are spliced again once they have become important. */
import { definePlugin } from '@espalier/plugin-api';
import { splicing } from './splicing';

export default definePlugin({
  name: '@espalier/plugin-splicing',
  version: '1.0.0',
  host: '^1.0.0',
  description: 'Dynamic network surgery: removed weights return by two thresholds',
  regrowths: { splicing },
});
