import { makeValue, type Operation, type Value } from './node';
import type { Variable } from './variable';

interface Attributes {
  readonly variable: Variable;
}

/** Rows of a data set that stays in the session as bytes: [count, ...] by [batch] -> [batch, ...]. */
const operation: Operation<Attributes> = {
  type: 'gatherRows',
  infer: ([indices], { variable }) => [
    { dtype: variable.dtype, shape: [...indices.shape, ...variable.shape.slice(1)] },
  ],
  write(node, graph) {
    const { variable } = node.attributes;
    graph.add(node, 'ResourceGather', [graph.handle(variable), ...graph.refs(node)], {
      dtype: { type: variable.dtype },
      Tindices: { type: 'int32' },
      batch_dims: { int: 0 },
      validate_indices: { bool: true },
    });
  },
  run(node, [indices], { tf, raw }) {
    const rows = raw(node.attributes.variable);
    const shape = node.outputs[0].shape;
    const width = shape.slice(1).reduce((product, axis) => product * axis, 1);
    const result = new Int32Array(shape[0] * width);
    indices.dataSync().forEach((from, to) => {
      result.set(rows.subarray(from * width, (from + 1) * width), to * width);
    });
    return [tf.tensor(result, [...shape], 'int32')];
  },
};

/** `variable[indices]` along the first axis; the variable is read in place, not copied. */
export function gatherRows(variable: Variable, indices: Value): Value {
  return makeValue(operation, [indices], { variable });
}
