import { sizeOf, type TensorData } from '@espalier/tensor';
import type { Executor } from '../executor';
import type { Variable } from '../ops/variable';

/** Holds variables and runs nothing: for what stands before an executor. */
export class HoldingExecutor implements Executor {
  private readonly values = new Map<Variable, TensorData>();

  set(variable: Variable, data: TensorData): void {
    this.values.set(variable, data.slice());
  }

  clear(variable: Variable): void {
    this.values.set(variable, new Float32Array(sizeOf(variable.shape)));
  }

  get(variable: Variable): TensorData {
    return (this.values.get(variable) as TensorData).slice();
  }

  call(functionName: string): never {
    throw new Error(`"${functionName}" was left to an executor that runs nothing`);
  }

  dispose(): void {
    this.values.clear();
  }
}
