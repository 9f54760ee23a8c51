/**
 * Writes a program as a TensorFlow GraphDef. Field numbers are those of tensorflow/core/framework: graph.proto,
 * node_def.proto, attr_value.proto, tensor.proto, tensor_shape.proto, types.proto.
 */
import type { Shape } from '@espalier/tensor';
import type { Attribute, GraphWriter } from '../ops/graph-writer';
import type { Node, Value } from '../ops/node';
import type { Variable } from '../ops/variable';
import { Message } from './protobuf';

/** types.proto: enum DataType. */
const DATA_TYPES = { float32: 1, int32: 3, uint8: 4, int64: 9, bool: 10, resource: 20, uint64: 23 } as const;

/** graph.proto: VersionDef.producer; TensorFlow 2.18 writes 1994. An older number only asks for older defaults. */
const PRODUCER_VERSION = 1882;

export class GraphDef implements GraphWriter {
  private readonly nodes: Message[] = [];
  private readonly names = new Map<Node, string>();
  private readonly handles = new Map<Variable, string>();
  private readonly constants = new Set<string>();
  private auxiliary = 0;
  /** What an effect that is written now has to wait for. */
  private before: readonly string[] = [];
  /** What uses the content of a variable, in the function that is written now. */
  private users = new Map<Variable, string[]>();

  ref(value: Value): string {
    const name = this.names.get(value.node);
    if (name === undefined)
      throw new TypeError(`"${value.node.operation.type}" is used before it is written`);
    return value.index === 0 ? name : `${name}:${value.index}`;
  }

  refs(node: Node): string[] {
    return node.inputs.map((input) => this.ref(input));
  }

  handle(variable: Variable): string {
    let name = this.handles.get(variable);
    if (name === undefined) {
      name = `variable${this.handles.size}`;
      this.handles.set(variable, name);
      this.write(name, 'VarHandleOp', [], {
        dtype: { type: variable.dtype },
        shape: { shape: variable.shape },
        shared_name: { text: variable.name },
        container: { text: '' },
      });
    }
    return name;
  }

  ints(values: readonly number[] | number): string {
    const list = typeof values === 'number' ? [values] : values;
    const shape = typeof values === 'number' ? [] : [list.length];
    const name = `int${shape.length === 0 ? '' : 's'}_${list.join('_')}`.replaceAll('-', 'm');
    if (!this.constants.has(name)) {
      this.constants.add(name);
      const bytes = new Uint8Array(Int32Array.from(list).buffer);
      this.write(name, 'Const', [], {
        dtype: { type: 'int32' },
        value: { tensor: { dtype: 'int32', shape, bytes } },
      });
    }
    return name;
  }

  add(
    node: Node,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void {
    const name = `n${this.names.size}_${node.operation.type}`;
    this.names.set(node, name);
    const isEffect = node.outputs.length === 0;
    const after = isEffect ? [...this.before, ...this.usersOfChanged(node)] : [];
    this.write(name, op, [...inputs, ...after], attributes);
  }

  /**
   * Writes the nodes of one function, those that are new. Its effects come after all its reads: TensorFlow knows of no
   * order between a read of a variable and an update that does not use it. And they come after what uses the variable that
   * they change: an update of one that is still in use would make a copy of it first.
   */
  addFunction(nodes: readonly Node[]): void {
    this.before = [];
    this.users = new Map();
    for (const node of nodes) {
      if (!this.names.has(node)) node.operation.write(node, this);
      this.noteUses(node);
      if (node.operation.type === 'read') this.before = [...this.before, `^${this.nameOf(node)}`];
    }
  }

  private noteUses(node: Node): void {
    for (const { node: source } of node.inputs) {
      if (source.operation.type !== 'read' || node.outputs.length === 0) continue;
      const { variable } = source.attributes as { readonly variable: Variable };
      this.users.set(variable, [...(this.users.get(variable) ?? []), `^${this.nameOf(node)}`]);
    }
  }

  private usersOfChanged(effect: Node): readonly string[] {
    const { variable } = effect.attributes as { readonly variable: Variable };
    return [...new Set(this.users.get(variable) ?? [])];
  }

  aux(
    node: Node,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): string {
    const name = `a${this.auxiliary++}_${node.operation.type}`;
    this.write(name, op, inputs, attributes);
    return name;
  }

  nameOf(node: Node): string {
    return this.names.get(node) as string;
  }

  /** NodeDef: name 1, op 2, input 3, attr 5. */
  write(
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void {
    const node = new Message().text(1, name).text(2, op);
    for (const input of inputs) node.text(3, input);
    for (const [key, value] of Object.entries(attributes)) node.entry(5, key, attributeMessage(value));
    this.nodes.push(node);
  }

  /** GraphDef: node 1, versions 4 (VersionDef: producer 1). */
  toMessage(): Message {
    const graph = new Message();
    for (const node of this.nodes) graph.message(1, node);
    return graph.message(4, new Message().integer(1, PRODUCER_VERSION));
  }
}

/** AttrValue: list 1 (ListValue: i 3), s 2, i 3, f 4, b 5, type 6, shape 7, tensor 8. */
function attributeMessage(value: Attribute): Message {
  const message = new Message();
  if ('ints' in value) {
    const list = new Message();
    for (const each of value.ints) list.integer(3, each);
    return message.message(1, list);
  }
  if ('text' in value) return message.text(2, value.text);
  if ('int' in value) return message.integer(3, value.int);
  if ('float' in value) return message.float(4, value.float);
  if ('bool' in value) return message.integer(5, value.bool ? 1 : 0);
  if ('type' in value) return message.integer(6, DATA_TYPES[value.type]);
  if ('shape' in value) return message.message(7, shapeMessage(value.shape));
  // TensorProto: dtype 1, tensor_shape 2, tensor_content 4.
  const { dtype, shape, bytes } = value.tensor;
  return message.message(
    8,
    new Message().integer(1, DATA_TYPES[dtype]).message(2, shapeMessage(shape)).bytes(4, bytes),
  );
}

/** TensorShapeProto: dim 2 (Dim: size 1). */
function shapeMessage(shape: Shape): Message {
  const message = new Message();
  for (const size of shape) message.message(2, new Message().integer(1, size));
  return message;
}
