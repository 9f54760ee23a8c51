import type { Shape } from '@espalier/tensor';
import { makeValue, type NodeType, type Operation, type Value } from './node';

interface Attributes {
  readonly name: string;
  readonly dtype: NodeType;
  readonly shape: Shape;
}

const operation: Operation<Attributes> = {
  type: 'feed',
  infer: (_inputs, { dtype, shape }) => [{ dtype, shape }],
  write(node, graph) {
    const { dtype, shape } = node.attributes;
    graph.add(node, 'Placeholder', [], { dtype: { type: dtype }, shape: { shape } });
  },
  run(node, _inputs, { tf, feed }) {
    const { name, dtype, shape } = node.attributes;
    return [
      tf.tensor(feed(name) as Float32Array, [...shape], dtype === 'uint8' ? 'int32' : (dtype as 'float32')),
    ];
  },
};

/** An array that each call brings along under `name`. */
export function feed(name: string, dtype: NodeType, shape: Shape): Value {
  return makeValue(operation, [], { name, dtype, shape });
}

/** The name of a feed's value; undefined for anything else. */
export function feedName(value: Value): string | undefined {
  return value.node.operation === (operation as Operation<unknown>)
    ? (value.node.attributes as Attributes).name
    : undefined;
}
