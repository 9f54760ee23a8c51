/** Joining along an axis and its inverse, splitting. */
import { sameShape } from '@espalier/tensor';
import { filled } from './constant';
import { makeNode, makeValue, type Operation, type Value } from './node';
import { refuse } from './shape-rules';

const operation: Operation<{ readonly axis: number }> = {
  type: 'concat',
  infer(inputs, { axis }) {
    const [first] = inputs;
    const rest = (value: Value): number[] => value.shape.filter((_, i) => i !== axis);
    if (inputs.some((value) => !sameShape(rest(value), rest(first))))
      throw refuse('concat', inputs, `the shapes differ beside axis ${axis}`);
    const size = inputs.reduce((sum, { shape }) => sum + shape[axis], 0);
    return [{ dtype: first.dtype, shape: first.shape.map((n, i) => (i === axis ? size : n)) }];
  },
  gradient({ inputs, attributes: { axis } }, [dy]) {
    return dy
      ? split(
          dy,
          inputs.map(({ shape }) => shape[axis]),
          axis,
        )
      : inputs.map(() => undefined);
  },
  write(node, graph) {
    graph.add(node, 'ConcatV2', [...graph.refs(node), graph.ints(node.attributes.axis)], {
      N: { int: node.inputs.length },
      T: { type: node.outputs[0].dtype },
      Tidx: { type: 'int32' },
    });
  },
  run: (node, inputs, { tf }) => [tf.concat([...inputs], node.attributes.axis)],
};

interface SplitAttributes {
  readonly axis: number;
  readonly sizes: readonly number[];
}

const splitOperation: Operation<SplitAttributes> = {
  type: 'split',
  infer: ([x], { axis, sizes }) =>
    sizes.map((size) => ({ dtype: x.dtype, shape: x.shape.map((n, i) => (i === axis ? size : n)) })),
  gradient(node, outputGradients) {
    if (outputGradients.every((dy) => dy === undefined)) return [undefined];
    const parts = node.outputs.map((output, i) => outputGradients[i] ?? filled(output.shape, 0));
    return [concat(parts, node.attributes.axis)];
  },
  write(node, graph) {
    const { axis, sizes } = node.attributes;
    graph.add(node, 'SplitV', [...graph.refs(node), graph.ints(sizes), graph.ints(axis)], {
      num_split: { int: sizes.length },
      T: { type: node.inputs[0].dtype },
      Tlen: { type: 'int32' },
    });
  },
  run: (node, [x], { tf }) => tf.split(x, [...node.attributes.sizes], node.attributes.axis),
};

/** Joins arrays along `axis`. */
export function concat(parts: readonly Value[], axis: number): Value {
  return parts.length === 1 ? parts[0] : makeValue(operation, parts, { axis });
}

/** Cuts an array along `axis` into parts of the given sizes. */
export function split(x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  return sizes.length === 1 ? [x] : makeNode(splitOperation, [x], { axis, sizes }).outputs;
}
