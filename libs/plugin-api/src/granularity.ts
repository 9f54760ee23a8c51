/** A granularity says what is removed together. */
import type { Shape } from '@espalier/tensor';

export interface Granularity {
  readonly name: string;
  readonly version: string;
  /** How many groups a tensor of this shape has. */
  groupCount(shape: Shape): number;
  /** The group of each element, row-major: [size] values in [0, groupCount). */
  groupsOf(shape: Shape): Uint32Array;
}
