/**
 * Weights that are trained on behind their mask (Guo, Yao & Chen 2016, equation 5): what is used is weight * mask, but the gradient of
 * that product goes, as it is, to the weight, so that one that was removed goes on learning what it would be good for.
 */
import { sameShape } from '@espalier/tensor';
import { multiply } from './arithmetic';
import { makeValue, type Operation, type Value } from './node';
import { refuse } from './shape-rules';

/** Inputs: latent float32, masked float32, both of one shape. */
const operation: Operation<null> = {
  type: 'behindMask',
  infer(inputs) {
    return [inputs[1]];
  },
  gradient: (_node, [dy]) => [dy, undefined],
  write(node, graph) {
    const [, masked] = graph.refs(node);
    graph.add(node, 'Identity', [masked], { T: { type: 'float32' } });
  },
  run: (_node, [, masked]) => [masked.clone()],
};

/** `latent` * `mask` (0 or 1, of the same shape), with the gradient to `latent` and none to the mask. */
export function behindMask(latent: Value, mask: Value): Value {
  // The product would broadcast.
  if (!sameShape(latent.shape, mask.shape)) throw refuse('behindMask', [latent, mask], 'the shapes differ');
  return makeValue(operation, [latent, multiply(latent, mask)], null);
}
