import type * as tfjs from '@tensorflow/tfjs';
import type { TensorData } from '@espalier/tensor';
import type { Variable } from './variable';

export type EagerTensor = tfjs.Tensor;

/** What an operation's `run` is given: TensorFlow.js and the state of the eager executor. */
export interface EagerContext {
  readonly tf: typeof tfjs;
  /** The array that was fed under this name. */
  feed(name: string): TensorData;
  /** The current content of a variable that is not uint8. */
  read(variable: Variable): EagerTensor;
  /** The elements of a variable; of a uint8 one without a copy. */
  raw(variable: Variable): TensorData;
  /** Replaces the content of a variable. */
  assign(variable: Variable, value: EagerTensor): void;
}
