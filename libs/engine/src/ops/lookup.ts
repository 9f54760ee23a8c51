/**
 * Shared weights (DC16 section 3): weight i is centroid codes[i] - 1, and code 0 is exactly 0. The gradient of a
 * centroid is the sum over its weights (DC16 section 3.3).
 */
import type { EagerTensor } from './eager-context';
import { makeValue, type Operation, type Value } from './node';
import { requireRanks } from './shape-rules';

/** Inputs: codebook float32 [levels], codes int32. */
const operation: Operation<null> = {
  type: 'lookup',
  infer(inputs) {
    requireRanks('lookup', inputs.slice(0, 1), [1]);
    return [{ dtype: 'float32', shape: inputs[1].shape }];
  },
  gradient: ({ inputs: [codebook, codes] }, [dy]) => [
    dy && makeValue(gradientOperation, [dy, codes], { levels: codebook.shape[0] }),
    undefined,
  ],
  write(node, graph) {
    const [codebook, codes] = graph.refs(node);
    const zero = graph.aux(node, 'Const', [], {
      dtype: { type: 'float32' },
      value: { tensor: { dtype: 'float32', shape: [1], bytes: new Uint8Array(4) } },
    });
    const table = graph.aux(node, 'ConcatV2', [zero, codebook, graph.ints(0)], {
      N: { int: 2 },
      T: { type: 'float32' },
      Tidx: { type: 'int32' },
    });
    graph.add(node, 'GatherV2', [table, codes, graph.ints(0)], {
      Tparams: { type: 'float32' },
      Tindices: { type: 'int32' },
      Taxis: { type: 'int32' },
      batch_dims: { int: 0 },
    });
  },
  run: (_node, [codebook, codes], { tf }) => [
    tf.gather(tf.concat([tf.zeros([1]), codebook]), codes.cast('int32')),
  ],
};

/** Inputs: dy, codes. Output: [levels]. */
const gradientOperation: Operation<{ readonly levels: number }> = {
  type: 'lookupGradient',
  infer: (_inputs, { levels }) => [{ dtype: 'float32', shape: [levels] }],
  write(node, graph) {
    const { levels } = node.attributes;
    const sums = graph.aux(node, 'UnsortedSegmentSum', [...graph.refs(node), graph.ints(levels + 1)], {
      T: { type: 'float32' },
      Tindices: { type: 'int32' },
      Tnumsegments: { type: 'int32' },
    });
    graph.add(node, 'Slice', [sums, graph.ints([1]), graph.ints([levels])], {
      T: { type: 'float32' },
      Index: { type: 'int32' },
    });
  },
  run: (node, [dy, codes], { tf }) => [tf.tensor1d(segmentSums(dy, codes, node.attributes.levels))],
};

function segmentSums(dy: EagerTensor, codes: EagerTensor, levels: number): Float32Array {
  const values = dy.dataSync();
  const sums = new Float64Array(levels + 1);
  codes.dataSync().forEach((code, i) => {
    sums[code] += values[i];
  });
  return Float32Array.from(sums.subarray(1));
}

/** The weights that a codebook [levels] and codes (any shape) stand for. */
export function lookup(codebook: Value, codes: Value): Value {
  return makeValue(operation, [codebook, codes], null);
}
