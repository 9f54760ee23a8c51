import type { Shape } from '@espalier/tensor';
import { broadcastTo } from './broadcast-to';
import { scalar } from './constant';
import { multiply } from './arithmetic';
import { makeValue, type Operation, type Value } from './node';
import { reshape } from './reshape';

interface Attributes {
  /** Axes that are summed over and dropped, ascending. */
  readonly axes: readonly number[];
}

const operation: Operation<Attributes> = {
  type: 'reduceSum',
  infer: ([x], { axes }) => [{ dtype: x.dtype, shape: x.shape.filter((_, axis) => !axes.includes(axis)) }],
  gradient({ inputs: [x], attributes: { axes } }, [dy]) {
    if (!dy) return [undefined];
    const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return [broadcastTo(reshape(dy, kept), x.shape)];
  },
  write(node, graph) {
    graph.add(node, 'Sum', [...graph.refs(node), graph.ints(node.attributes.axes)], {
      T: { type: node.outputs[0].dtype },
      Tidx: { type: 'int32' },
      keep_dims: { bool: false },
    });
  },
  run: (node, [x], { tf }) => [tf.sum(x, [...node.attributes.axes])],
};

/** The sum over `axes` (default: all), which disappear. */
export function reduceSum(x: Value, axes: readonly number[] = x.shape.map((_, axis) => axis)): Value {
  return axes.length === 0 ? x : makeValue(operation, [x], { axes });
}

/** The mean over `axes` (default: all). */
export function reduceMean(x: Value, axes: readonly number[] = x.shape.map((_, axis) => axis)): Value {
  const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
  return multiply(reduceSum(x, axes), scalar(1 / count));
}

/** Undoes a broadcast: sums a gradient down to `shape`. */
export function sumTo(x: Value, shape: Shape): Value {
  const extra = x.shape.length - shape.length;
  const axes = x.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < extra || (shape[axis - extra] === 1 && x.shape[axis] !== 1));
  return axes.length === 0 ? x : reshape(reduceSum(x, axes), shape);
}
