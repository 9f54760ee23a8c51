import { makeValue, type Operation, type Value } from './node';
import { refuse } from './shape-rules';

const operation: Operation<null> = {
  type: 'biasAdd',
  infer(inputs) {
    const [x, bias] = inputs;
    if (bias.shape.length !== 1 || bias.shape[0] !== x.shape[x.shape.length - 1])
      throw refuse('biasAdd', inputs, 'the bias must have the size of the last axis');
    return [x];
  },
  gradient: (_node, [dy]) => [dy, dy && biasGradient(dy)],
  write(node, graph) {
    graph.add(node, 'BiasAdd', graph.refs(node), { T: { type: 'float32' }, data_format: { text: 'NHWC' } });
  },
  run: (_node, [x, bias]) => [x.add(bias)],
};

const gradientOperation: Operation<null> = {
  type: 'biasGradient',
  infer: ([dy]) => [{ dtype: dy.dtype, shape: dy.shape.slice(-1) }],
  write(node, graph) {
    graph.add(node, 'BiasAddGrad', graph.refs(node), {
      T: { type: 'float32' },
      data_format: { text: 'NHWC' },
    });
  },
  run: (_node, [dy], { tf }) => [
    tf.sum(
      dy,
      dy.shape.slice(0, -1).map((_, axis) => axis),
    ),
  ],
};

/** x [..., channels] + bias [channels]. */
export function biasAdd(x: Value, bias: Value): Value {
  return makeValue(operation, [x, bias], null);
}

/** The sum of dy [..., channels] over all axes but the last: [channels]. */
function biasGradient(dy: Value): Value {
  return makeValue(gradientOperation, [dy], null);
}
