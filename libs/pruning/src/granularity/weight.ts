/** Each weight by itself: HAN15's. */
import type { GranularityDefinition } from '@espalier/plugin-api';
import { sizeOf } from '@espalier/tensor';

export const weight: GranularityDefinition = {
  description: 'Each weight by itself.',
  groupCount: (shape) => sizeOf(shape),
  groupsOf: (shape) => Uint32Array.from({ length: sizeOf(shape) }, (_, i) => i),
};
