/** Runs a program as one TensorFlow graph: one call of the native library for each call of a function. */
import type { TensorData } from '@espalier/tensor';
import { errorMessage } from '@espalier/base';
import { engineError } from '../errors';
import type { Executor } from '../executor';
import type { Program } from '../graph/program';
import type { NodeType } from '../ops/node';
import type { Variable } from '../ops/variable';
import type { TensorFlowBinding } from './binding';
import { SERVE_TAG, withModelFolder, writeSavedModel, type CallPlan, type SavedModel } from './saved-model';

export class CompiledExecutor implements Executor {
  private readonly model: SavedModel;
  private readonly id: number;
  private disposed = false;

  constructor(
    program: Program,
    private readonly binding: TensorFlowBinding,
  ) {
    this.model = writeSavedModel(program);
    this.id = withModelFolder(this.model, (folder) => binding.loadSavedModel(folder, SERVE_TAG));
  }

  set(variable: Variable, data: TensorData): void {
    this.run(`set ${variable.name}`, this.model.setters.get(variable.name) as CallPlan, { value: data });
  }

  get(variable: Variable): TensorData {
    return this.run(`get ${variable.name}`, this.model.getters.get(variable.name) as CallPlan, {}).value;
  }

  call(
    functionName: string,
    feeds: Readonly<Record<string, TensorData>>,
  ): Readonly<Record<string, TensorData>> {
    return this.run(functionName, this.model.functions.get(functionName) as CallPlan, feeds);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.binding.deleteSavedModel(this.id);
  }

  private run(
    call: string,
    plan: CallPlan,
    feeds: Readonly<Record<string, TensorData>>,
  ): Readonly<Record<string, TensorData>> {
    const { binding } = this;
    const inputs: number[] = [];
    try {
      for (const { name, dtype, shape } of plan.feeds) {
        inputs.push(binding.createTensor(shape, this.typeNumber(dtype), feeds[name] as Float32Array));
      }
      const outputs = binding.runSavedModel(this.id, inputs, plan.feedNames, plan.fetchNames);
      const results: Record<string, TensorData> = {};
      outputs.forEach(({ id }, i) => {
        results[plan.fetches[i]] = binding.tensorDataSync(id);
        binding.deleteTensor(id);
      });
      return results;
    } catch (cause) {
      throw engineError('ENGINE_RUN', { call, problem: errorMessage(cause) }, { cause });
    } finally {
      for (const id of inputs) binding.deleteTensor(id);
    }
  }

  private typeNumber(dtype: NodeType): number {
    if (dtype === 'float32') return this.binding.TF_FLOAT;
    return dtype === 'uint8' ? this.binding.TF_UINT8 : this.binding.TF_INT32;
  }
}
