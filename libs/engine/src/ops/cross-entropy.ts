/** -log softmax of the right answer, a loss for each sample: from class numbers, or from a distribution over classes. */
import type { Tensor1D } from '@tensorflow/tfjs';
import type { EagerContext, EagerTensor } from './eager-context';
import { multiply } from './arithmetic';
import { makeNode, type Node, type Operation, type Value } from './node';
import { requireRanks } from './shape-rules';
import { reshape } from './reshape';

/** Outputs: loss [batch], and d loss / d logits [batch, classes], which TensorFlow computes along with it. */
const sparse: Operation<null> = {
  type: 'sparseCrossEntropy',
  infer(inputs) {
    requireRanks('sparseCrossEntropy', inputs, [2, 1]);
    return [{ dtype: 'float32', shape: inputs[1].shape }, inputs[0]];
  },
  gradient: (node, [dy]) => [dy && throughBackprop(node, dy), undefined],
  write(node, graph) {
    graph.add(node, 'SparseSoftmaxCrossEntropyWithLogits', graph.refs(node), {
      T: { type: 'float32' },
      Tlabels: { type: 'int32' },
    });
  },
  run(node, [logits, labels], context) {
    return crossEntropy(
      logits,
      context.tf.oneHot(labels as Tensor1D, node.inputs[0].shape[1]).cast('float32'),
      context,
    );
  },
};

const dense: Operation<null> = {
  type: 'crossEntropy',
  infer(inputs) {
    requireRanks('crossEntropy', inputs, [2, 2]);
    return [{ dtype: 'float32', shape: [inputs[0].shape[0]] }, inputs[0]];
  },
  gradient: (node, [dy]) => [dy && throughBackprop(node, dy), undefined],
  write(node, graph) {
    graph.add(node, 'SoftmaxCrossEntropyWithLogits', graph.refs(node), { T: { type: 'float32' } });
  },
  run: (_node, [logits, labels], context) => crossEntropy(logits, labels, context),
};

function throughBackprop(node: Node, dy: Value): Value {
  return multiply(node.outputs[1], reshape(dy, [dy.shape[0], 1]));
}

function crossEntropy(logits: EagerTensor, labels: EagerTensor, { tf }: EagerContext): EagerTensor[] {
  const shifted = logits.sub(tf.max(logits, -1, true));
  const exponentials = shifted.exp();
  const sums = exponentials.sum(-1, true);
  const logProbabilities = shifted.sub(sums.log());
  return [labels.mul(logProbabilities).sum(-1).neg(), exponentials.div(sums).sub(labels)];
}

/** logits [batch, classes], labels int32 [batch] -> loss [batch]. */
export function sparseCrossEntropy(logits: Value, labels: Value): Value {
  return makeNode(sparse, [logits, labels], null).outputs[0];
}

/** logits [batch, classes], labels [batch, classes] (rows sum to 1; no gradient to them) -> loss [batch]. */
export function crossEntropyWith(logits: Value, labels: Value): Value {
  return makeNode(dense, [logits, labels], null).outputs[0];
}
