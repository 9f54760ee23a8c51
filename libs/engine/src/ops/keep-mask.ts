import { sizeOf, type Shape } from '@espalier/tensor';
import type { GraphWriter } from './graph-writer';
import { makeValue, type Node, type Operation, type Value } from './node';
import { philoxUniform } from './philox';

interface Attributes {
  readonly shape: Shape;
  readonly rate: number;
  /** Which stream of random numbers: one a dropout layer. */
  readonly stream: number;
}

const PHILOX = 1;

/** Input: the key, int32 [1, 2]. */
const operation: Operation<Attributes> = {
  type: 'keepMask',
  infer: (_inputs, { shape }) => [{ dtype: 'float32', shape }],
  write(node, graph) {
    const { shape, rate, stream } = node.attributes;
    const key = graph.aux(node, 'Bitcast', graph.refs(node), {
      T: { type: 'int32' },
      type: { type: 'uint64' },
    });
    const counter = graph.aux(node, 'Const', [], {
      dtype: { type: 'uint64' },
      value: {
        tensor: {
          dtype: 'uint64',
          shape: [2],
          bytes: new Uint8Array(new Int32Array([0, 0, stream, 0]).buffer),
        },
      },
    });
    const uniform = graph.aux(
      node,
      'StatelessRandomUniformV2',
      [graph.ints(shape), key, counter, graph.ints(PHILOX)],
      {
        dtype: { type: 'float32' },
        Tshape: { type: 'int32' },
      },
    );
    const kept = graph.aux(node, 'GreaterEqual', [uniform, float(node, graph, rate)], {
      T: { type: 'float32' },
    });
    const flags = graph.aux(node, 'Cast', [kept], {
      SrcT: { type: 'bool' },
      DstT: { type: 'float32' },
      Truncate: { bool: false },
    });
    graph.add(node, 'Mul', [flags, float(node, graph, 1 / (1 - rate))], { T: { type: 'float32' } });
  },
  run(node, [key], { tf }) {
    const { shape, rate, stream } = node.attributes;
    const [low, high] = key.dataSync();
    const limit = Math.fround(rate);
    const scale = Math.fround(1 / (1 - rate));
    const values = philoxUniform([low, high], stream, sizeOf(shape)).map((u) => (u >= limit ? scale : 0));
    return [tf.tensor(values, [...shape])];
  },
};

function float(node: Node, graph: GraphWriter, value: number): string {
  return graph.aux(node, 'Const', [], {
    dtype: { type: 'float32' },
    value: {
      tensor: { dtype: 'float32', shape: [], bytes: new Uint8Array(new Float32Array([value]).buffer) },
    },
  });
}

/**
 * What inverted dropout multiplies with: 0 with probability `rate`, else 1 / (1 - rate). A function of the key (which
 * the caller makes from seed and step), the stream and the position alone.
 */
export function keepMask(key: Value, attributes: Attributes): Value {
  return makeValue(operation, [key], attributes);
}
