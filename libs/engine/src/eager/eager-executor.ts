/**
 * Runs a program node by node with TensorFlow.js: the oracle of the compiled executor, and the way to train where only
 * the WASM backend is to be had.
 */
import { bytesOf, sizeOf, type TensorData } from '@espalier/tensor';
import type * as tfjs from '@tensorflow/tfjs';
import type { Executor } from '../executor';
import { nodesOf, type Program } from '../graph/program';
import type { EagerContext, EagerTensor } from '../ops/eager-context';
import type { Node, Value } from '../ops/node';
import type { Variable } from '../ops/variable';

export class EagerExecutor implements Executor {
  /** uint8 variables (data sets) stay as bytes, the others are tensors. */
  private readonly raw = new Map<Variable, TensorData>();
  private readonly tensors = new Map<Variable, EagerTensor>();
  private readonly functions = new Map<
    string,
    { nodes: readonly Node[]; fetches: Readonly<Record<string, Value>> }
  >();

  constructor(
    program: Program,
    private readonly tf: typeof tfjs,
  ) {
    for (const each of program.functions) {
      this.functions.set(each.name, { nodes: nodesOf(each), fetches: each.fetches });
    }
  }

  set(variable: Variable, data: TensorData): void {
    if (variable.dtype === 'uint8') this.raw.set(variable, data.slice());
    else
      this.replace(
        variable,
        this.tf.tensor(data.slice() as Float32Array, [...variable.shape], variable.dtype as 'float32'),
      );
  }

  clear(variable: Variable): void {
    const size = sizeOf(variable.shape);
    this.set(variable, variable.dtype === 'uint8' ? new Uint8Array(size) : new Float32Array(size));
  }

  get(variable: Variable): TensorData {
    // A copy: the tensor's own array may be shared with the backend.
    return this.read(variable).dataSync().slice() as Float32Array;
  }

  call(
    functionName: string,
    feeds: Readonly<Record<string, TensorData>>,
  ): Readonly<Record<string, TensorData>> {
    const { tf } = this;
    const { nodes, fetches } = this.functions.get(functionName) as {
      nodes: readonly Node[];
      fetches: Record<string, Value>;
    };
    const results: Record<string, TensorData> = {};
    const assigned = new Map<Variable, EagerTensor>();
    const context: EagerContext = {
      tf,
      feed: (name) => feeds[name],
      read: (variable) => assigned.get(variable) ?? this.read(variable),
      raw: (variable) => this.raw.get(variable) ?? (this.read(variable).dataSync() as Int32Array),
      assign: (variable, value) => void assigned.set(variable, tf.keep(value.clone())),
    };
    tf.tidy(() => {
      const values = new Map<Node, readonly EagerTensor[]>();
      for (const node of nodes) {
        const inputs = node.inputs.map((input) => (values.get(input.node) as EagerTensor[])[input.index]);
        values.set(node, node.operation.run(node, inputs, context));
      }
      for (const [name, value] of Object.entries(fetches)) {
        const tensor = (values.get(value.node) as EagerTensor[])[value.index];
        results[name] = copy(tensor.dataSync());
      }
    });
    for (const [variable, tensor] of assigned) this.replace(variable, tensor);
    return results;
  }

  dispose(): void {
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
    this.raw.clear();
  }

  private read(variable: Variable): EagerTensor {
    return this.tensors.get(variable) as EagerTensor;
  }

  private replace(variable: Variable, tensor: EagerTensor): void {
    this.tensors.get(variable)?.dispose();
    this.tensors.set(variable, this.tf.keep(tensor));
  }
}

function copy(data: ArrayLike<number>): TensorData {
  const view = data as TensorData;
  return new (view.constructor as Float32ArrayConstructor)(bytesOf(view).slice().buffer);
}
