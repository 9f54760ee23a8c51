/** Distributions over classes, which no gradient flows through: smoothed labels, and softmax. */
import type { Tensor1D } from '@tensorflow/tfjs';
import { makeValue, type Operation, type Value } from './node';

interface SmoothAttributes {
  readonly classes: number;
  /** Probability of the right class, and of each other one. */
  readonly on: number;
  readonly off: number;
}

const smoothOperation: Operation<SmoothAttributes> = {
  type: 'smoothLabels',
  infer: ([labels], { classes }) => [{ dtype: 'float32', shape: [...labels.shape, classes] }],
  write(node, graph) {
    const { classes, on, off } = node.attributes;
    const [high, low] = [on, off].map((value) =>
      graph.aux(node, 'Const', [], {
        dtype: { type: 'float32' },
        value: {
          tensor: { dtype: 'float32', shape: [], bytes: new Uint8Array(new Float32Array([value]).buffer) },
        },
      }),
    );
    graph.add(node, 'OneHot', [...graph.refs(node), graph.ints(classes), high, low], {
      T: { type: 'float32' },
      TI: { type: 'int32' },
      axis: { int: -1 },
    });
  },
  run(node, [labels], { tf }) {
    const { classes, on, off } = node.attributes;
    // TensorFlow.js has on and off values of whole numbers only.
    const flags = tf.oneHot(labels as Tensor1D, classes).cast('float32');
    return [flags.mul(tf.scalar(on - off)).add(tf.scalar(off))];
  },
};

const softmaxOperation: Operation<null> = {
  type: 'softmax',
  infer: ([x]) => [x],
  write: (node, graph) => graph.add(node, 'Softmax', graph.refs(node), { T: { type: 'float32' } }),
  run: (_node, [x], { tf }) => [tf.softmax(x)],
};

/** labels int32 [batch] -> [batch, classes]: 1 - smoothing on the right class, and `smoothing` spread evenly over all. */
export function smoothLabels(labels: Value, classes: number, smoothing: number): Value {
  const off = smoothing / classes;
  return makeValue(smoothOperation, [labels], { classes, on: 1 - smoothing + off, off });
}

/** Over the last axis. */
export function softmax(x: Value): Value {
  return makeValue(softmaxOperation, [x], null);
}
