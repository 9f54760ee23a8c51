import { bytesOf, sizeOf, type Shape } from '@espalier/tensor';
import { makeValue, type NodeType, type Operation, type Value } from './node';

interface Attributes {
  readonly dtype: NodeType;
  readonly shape: Shape;
  /** All elements; uint64 as pairs of 32-bit words, low first. */
  readonly data: Float32Array | Int32Array;
}

const operation: Operation<Attributes> = {
  type: 'constant',
  infer: (_inputs, { dtype, shape }) => [{ dtype, shape }],
  write(node, graph) {
    const { dtype, shape, data } = node.attributes;
    graph.add(node, 'Const', [], {
      dtype: { type: dtype },
      value: { tensor: { dtype, shape, bytes: bytesOf(data) } },
    });
  },
  run(node, _inputs, { tf }) {
    const { dtype, shape, data } = node.attributes;
    if (dtype === 'uint64') return [tf.tensor1d(data, 'int32')];
    return [tf.tensor(data, [...shape], dtype as 'float32')];
  },
};

/** A float32 scalar. */
export function scalar(value: number): Value {
  return filled([], value);
}

/** A float32 array with the same number everywhere. */
export function filled(shape: Shape, value: number): Value {
  const data = new Float32Array(sizeOf(shape)).fill(value);
  return makeValue(operation, [], { dtype: 'float32', shape, data });
}

/** An array of given numbers. */
export function constant(dtype: NodeType, shape: Shape, data: Float32Array | Int32Array): Value {
  return makeValue(operation, [], { dtype, shape, data });
}
