import { sameShape, type Shape } from '@espalier/tensor';
import { makeValue, type Operation, type Value } from './node';
import { sumTo } from './reduce-sum';

const operation: Operation<{ readonly shape: Shape }> = {
  type: 'broadcastTo',
  infer: ([x], { shape }) => [{ dtype: x.dtype, shape }],
  gradient: ({ inputs: [x] }, [dy]) => [dy && sumTo(dy, x.shape)],
  write(node, graph) {
    graph.add(node, 'BroadcastTo', [...graph.refs(node), graph.ints(node.attributes.shape)], {
      T: { type: node.outputs[0].dtype },
      Tidx: { type: 'int32' },
    });
  },
  run: (node, [x], { tf }) => [tf.broadcastTo(x, [...node.attributes.shape])],
};

/** Repeats the axes of size 1 to fill `shape`. */
export function broadcastTo(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : makeValue(operation, [x], { shape });
}
