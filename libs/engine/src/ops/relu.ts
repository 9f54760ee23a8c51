import { makeValue, type Operation, type Value } from './node';

const operation: Operation<null> = {
  type: 'relu',
  infer: ([x]) => [x],
  // By the output, not the input: the input need not be kept, and the product before it can be fused.
  gradient: ({ outputs: [y] }, [dy]) => [dy && makeValue(gradientOperation, [dy, y], null)],
  write(node, graph) {
    graph.add(node, 'Relu', graph.refs(node), { T: { type: 'float32' } });
  },
  run: (_node, [x]) => [x.relu()],
};

const gradientOperation: Operation<null> = {
  type: 'reluGradient',
  infer: ([dy]) => [dy],
  write(node, graph) {
    graph.add(node, 'ReluGrad', graph.refs(node), { T: { type: 'float32' } });
  },
  run: (_node, [dy, y]) => [dy.mul(y.step())],
};

/** max(x, 0); its gradient at 0 is 0. */
export function relu(x: Value): Value {
  return makeValue(operation, [x], null);
}
