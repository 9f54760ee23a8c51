import type { TensorData } from '@espalier/tensor';
import type { Variable } from './ops/variable';

/** Runs the functions of one program and holds its variables. Two ways: ./compiled and ./eager. */
export interface Executor {
  /** Sets a variable; the data are copied. */
  set(variable: Variable, data: TensorData): void;
  /** Sets a variable to zeros. */
  clear(variable: Variable): void;
  /** A copy of the content of a variable that is not uint8 (the addon cannot give bytes back). */
  get(variable: Variable): TensorData;
  /** Calls a function; feeds are flat arrays by name, as are the results. */
  call(
    functionName: string,
    feeds: Readonly<Record<string, TensorData>>,
  ): Readonly<Record<string, TensorData>>;
  dispose(): void;
}
