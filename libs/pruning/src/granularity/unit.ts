/** All weights into one neuron or filter: the last axis of a dense kernel [in, out] or conv kernel [kh, kw, in / groups, out]. */
import type { GranularityDefinition } from '@espalier/plugin-api';
import { sizeOf } from '@espalier/tensor';

export const unit: GranularityDefinition = {
  description: 'All weights into one neuron or filter.',
  groupCount: (shape) => unitsOf(shape),
  groupsOf: (shape) => {
    const units = unitsOf(shape);
    return Uint32Array.from({ length: sizeOf(shape) }, (_, i) => i % units);
  },
};

function unitsOf(shape: readonly number[]): number {
  return shape[shape.length - 1] ?? 1;
}
