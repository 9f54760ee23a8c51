/** Criteria for whole filters and neurons: with a granularity of units, tensors really shrink. */
import { definePlugin } from '@espalier/plugin-api';
import { filterL1 } from './filter-l1';
import { filterTaylor } from './filter-taylor';
import { geometricMedian } from './geometric-median';

export default definePlugin({
  name: '@espalier/plugin-channels',
  version: '1.0.0',
  host: '^1.0.0',
  description: 'Scores of whole filters and neurons: L1 norm, Taylor expansion, geometric median',
  criteria: { 'filter-l1': filterL1, 'filter-taylor': filterTaylor, 'geometric-median': geometricMedian },
});
