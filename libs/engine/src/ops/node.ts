/**
 * The expression graph: a closed set of operations over arrays, as plain immutable data. A program is described once
 * with these nodes and then run in two ways: compiled into one TensorFlow graph (../compiled), or op by op with
 * TensorFlow.js (../eager). Each operation stands in its own file with its shape rule, its gradient in terms of other
 * operations, and both ways to run it.
 */
import type { Shape } from '@espalier/tensor';
import type { EagerContext, EagerTensor } from './eager-context';
import type { GraphWriter } from './graph-writer';

/** Element types inside a graph. `uint64` exists only for the keys of the random generator. */
export type NodeType = 'float32' | 'int32' | 'uint8' | 'bool' | 'uint64';

export interface ArrayType {
  readonly dtype: NodeType;
  readonly shape: Shape;
}

/** One array in the graph: output number `index` of `node`. */
export interface Value extends ArrayType {
  readonly node: Node;
  readonly index: number;
}

export interface Node<Attributes = unknown> {
  readonly operation: Operation<Attributes>;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
}

export interface Operation<Attributes> {
  readonly type: string;
  /** The types of the outputs; throws ENGINE_GRAPH when the inputs do not fit. An effect has no outputs. */
  infer(inputs: readonly Value[], attributes: Attributes): readonly ArrayType[];
  /** d loss / d input, for each input, from d loss / d output; undefined where none flows. */
  gradient?(
    node: Node<Attributes>,
    outputGradients: readonly (Value | undefined)[],
  ): readonly (Value | undefined)[];
  /** Writes the node as TensorFlow nodes. */
  write(node: Node<Attributes>, graph: GraphWriter): void;
  /** Runs the node now; one tensor per output. */
  run(node: Node<Attributes>, inputs: readonly EagerTensor[], context: EagerContext): readonly EagerTensor[];
}

/** Makes a node; its outputs' types come from the operation's shape rule. */
export function makeNode<Attributes>(
  operation: Operation<Attributes>,
  inputs: readonly Value[],
  attributes: Attributes,
): Node<Attributes> {
  const outputs: Value[] = [];
  const node: Node<Attributes> = { operation, inputs, attributes, outputs };
  operation.infer(inputs, attributes).forEach(({ dtype, shape }, index) => {
    outputs.push({ node: node as Node, index, dtype, shape });
  });
  return node;
}

/** Makes a node with one output and gives that output. */
export function makeValue<Attributes>(
  operation: Operation<Attributes>,
  inputs: readonly Value[],
  attributes: Attributes,
): Value {
  return makeNode(operation, inputs, attributes).outputs[0];
}

/** All nodes that `roots` need, each after its inputs; the order depends only on the graph. */
export function inOrder(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // An explicit stack: networks of a thousand layers must not overflow the call stack.
  for (const root of roots) {
    const stack: { node: Node; next: number }[] = [{ node: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next === 0 && seen.has(top.node)) {
        stack.pop();
        continue;
      }
      seen.add(top.node);
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(input.node)) {
        stack.push({ node: input.node, next: 0 });
      }
    }
  }
  return order;
}
