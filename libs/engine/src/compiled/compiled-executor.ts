/** Runs a program as one TensorFlow graph: one call of the native library for each call of a function. */
import { assertNever, errorMessage } from '@espalier/base';
import { sizeOf, type TensorData } from '@espalier/tensor';
import { engineError } from '../errors';
import type { Executor } from '../executor';
import type { Program } from '../graph/program';
import type { NodeType } from '../ops/node';
import type { Variable } from '../ops/variable';
import type { TensorFlowBinding } from './binding';
import type { CallPlan } from './call-plan';
import { alignedMemory } from './lent-memory';
import { SERVE_TAG, withModelFolder, writeSavedModel, type SavedModel } from './saved-model';
import type { Setter } from './set-variable';

export class CompiledExecutor implements Executor {
  private readonly model: SavedModel;
  private readonly id: number;
  /** The memory that variables lie in; TensorFlow holds it. */
  private readonly lent = new Map<Variable, WeakRef<TensorData>>();
  private disposed = false;

  constructor(
    program: Program,
    private readonly binding: TensorFlowBinding,
  ) {
    this.model = writeSavedModel(program);
    this.id = withModelFolder(this.model, (folder) => binding.loadSavedModel(folder, SERVE_TAG));
  }

  set(variable: Variable, data: TensorData): void {
    const call = `set ${variable.name}`;
    const setter = this.setterOf(variable);
    if (data.length !== sizeOf(variable.shape)) {
      const problem = `it has ${sizeOf(variable.shape)} elements, ${data.length} were given`;
      throw engineError('ENGINE_RUN', { call, problem });
    }
    switch (setter.kind) {
      case 'copy':
        this.run(call, setter.copy, { value: data });
        break;
      case 'slices': {
        const { make, fill, rows, width } = setter;
        this.run(call, make, {});
        for (let row = 0; row < rows; row++) {
          const value = data.subarray(row * width, (row + 1) * width);
          this.run(call, fill, { row: Int32Array.of(row), value });
        }
        break;
      }
      case 'lend': {
        // What was lent for the content before is used again, unless it is gone.
        const memory = this.lent.get(variable)?.deref() ?? alignedMemory(variable);
        this.lent.set(variable, new WeakRef(memory));
        memory.set(data);
        this.run(call, setter.lend, { value: memory });
        break;
      }
      default:
        assertNever(setter);
    }
  }

  clear(variable: Variable): void {
    const setter = this.setterOf(variable);
    if (setter.kind !== 'slices') {
      this.set(variable, zeros(variable.dtype, sizeOf(variable.shape)));
      return;
    }
    const call = `clear ${variable.name}`;
    const { make, fill, rows, width } = setter;
    this.run(call, make, {});
    const value = zeros(variable.dtype, width);
    for (let row = 0; row < rows; row++) this.run(call, fill, { row: Int32Array.of(row), value });
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

  private setterOf(variable: Variable): Setter {
    return this.model.setters.get(variable.name) as Setter;
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

function zeros(dtype: NodeType, size: number): TensorData {
  if (dtype === 'uint8') return new Uint8Array(size);
  return dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
}
