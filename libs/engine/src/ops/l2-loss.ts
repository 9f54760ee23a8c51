import { multiply } from './arithmetic';
import { makeValue, type Operation, type Value } from './node';

const operation: Operation<null> = {
  type: 'l2Loss',
  infer: ([x]) => [{ dtype: x.dtype, shape: [] }],
  gradient: ({ inputs: [x] }, [dy]) => [dy && multiply(x, dy)],
  write: (node, graph) => graph.add(node, 'L2Loss', graph.refs(node), { T: { type: 'float32' } }),
  run: (_node, [x], { tf }) => [x.square().sum().mul(tf.scalar(0.5))],
};

/** Half the sum of squares: a scalar. */
export function l2Loss(x: Value): Value {
  return makeValue(operation, [x], null);
}
