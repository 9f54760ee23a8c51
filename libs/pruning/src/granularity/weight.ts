/** Each weight by itself: HAN15's. */
import type { Granularity } from '@espalier/plugin-api';
import { sizeOf } from '@espalier/tensor';

export const weight: Granularity = {
  name: 'weight',
  version: '1',
  groupCount: (shape) => sizeOf(shape),
  groupsOf: (shape) => Uint32Array.from({ length: sizeOf(shape) }, (_, i) => i),
};
