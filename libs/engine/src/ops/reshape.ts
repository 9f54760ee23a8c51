import { sameShape, sizeOf, type Shape } from '@espalier/tensor';
import { makeValue, type Operation, type Value } from './node';
import { refuse } from './shape-rules';

const operation: Operation<{ readonly shape: Shape }> = {
  type: 'reshape',
  infer(inputs, { shape }) {
    if (sizeOf(inputs[0].shape) !== sizeOf(shape))
      throw refuse('reshape', inputs, `[${shape.join(', ')}] has another size`);
    return [{ dtype: inputs[0].dtype, shape }];
  },
  gradient: ({ inputs: [x] }, [dy]) => [dy && reshape(dy, x.shape)],
  write(node, graph) {
    graph.add(node, 'Reshape', [...graph.refs(node), graph.ints(node.attributes.shape)], {
      T: { type: node.outputs[0].dtype },
      Tshape: { type: 'int32' },
    });
  },
  run: (node, [x]) => [x.reshape([...node.attributes.shape])],
};

/** The same elements, row-major, in another shape. */
export function reshape(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : makeValue(operation, [x], { shape });
}
