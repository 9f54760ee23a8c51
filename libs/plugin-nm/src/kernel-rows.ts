/** A kernel seen as a matrix of inputs by outputs. */
import type { Shape } from '@espalier/tensor';
import { pluginNmError } from './errors';

export interface KernelMatrix {
  /** kh * kw of a convolution, 1 of a dense kernel. */
  readonly positions: number;
  /** Inputs at one position. */
  readonly inputs: number;
  readonly outputs: number;
}

/** dense [in, out] or conv [kh, kw, in / groups, out]; element [position, input, output] is at (position * inputs + input) * outputs + output. */
export function kernelMatrix(shape: Shape, granularity: string): KernelMatrix {
  if (shape.length === 2) return { positions: 1, inputs: shape[0], outputs: shape[1] };
  if (shape.length === 4) return { positions: shape[0] * shape[1], inputs: shape[2], outputs: shape[3] };
  throw pluginNmError('PLUGIN_NM_SHAPE', { granularity, shape: shape.join(', ') });
}
