import { makeValue, type NodeType, type Operation, type Value } from './node';

const operation: Operation<{ readonly to: NodeType }> = {
  type: 'cast',
  infer: ([x], { to }) => [{ dtype: to, shape: x.shape }],
  write(node, graph) {
    graph.add(node, 'Cast', graph.refs(node), {
      SrcT: { type: node.inputs[0].dtype },
      DstT: { type: node.attributes.to },
      Truncate: { bool: false },
    });
  },
  run: (node, [x]) => [x.cast(node.attributes.to as 'float32')],
};

/** The same numbers as another type; no gradient flows through. */
export function cast(x: Value, to: NodeType): Value {
  return makeValue(operation, [x], { to });
}
