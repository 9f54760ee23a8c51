import type { Tensor2D } from '@tensorflow/tfjs';
import { makeValue, type Operation, type Value } from './node';
import { refuse, requireRanks } from './shape-rules';

interface Attributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const operation: Operation<Attributes> = {
  type: 'matMul',
  infer(inputs, { transposeA, transposeB }) {
    requireRanks('matMul', inputs, [2, 2]);
    const [a, b] = inputs;
    const [rows, inner] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
    const [innerB, columns] = transposeB ? [b.shape[1], b.shape[0]] : b.shape;
    if (inner !== innerB) throw refuse('matMul', inputs, 'the inner sizes differ');
    return [{ dtype: a.dtype, shape: [rows, columns] }];
  },
  gradient({ inputs, attributes }, [dy]) {
    if (!dy) return [undefined, undefined];
    if (attributes.transposeA || attributes.transposeB)
      throw refuse('matMul', inputs, 'no gradient of a transposed product');
    const [a, b] = inputs;
    return [matMul(dy, b, { transposeB: true }), matMul(a, dy, { transposeA: true })];
  },
  write(node, graph) {
    graph.add(node, 'MatMul', graph.refs(node), {
      T: { type: 'float32' },
      transpose_a: { bool: node.attributes.transposeA },
      transpose_b: { bool: node.attributes.transposeB },
    });
  },
  run: (node, [a, b], { tf }) => [
    tf.matMul(a as Tensor2D, b as Tensor2D, node.attributes.transposeA, node.attributes.transposeB),
  ],
};

/** a [rows, inner] times b [inner, columns], either one transposed first. */
export function matMul(a: Value, b: Value, transpose: Partial<Attributes> = {}): Value {
  return makeValue(operation, [a, b], { transposeA: false, transposeB: false, ...transpose });
}
