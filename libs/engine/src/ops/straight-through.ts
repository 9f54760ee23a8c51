/**
 * The straight-through estimator (Bengio, Leonard & Courville 2013, section 4) for shared weights: what is used is the
 * centroid of a weight, but the gradient goes, as it is, to the latent float weight that the centroid stands for. Where
 * code 0 says that a weight is removed none flows, so that a latent weight of 0 stays there.
 */
import { sameShape } from '@espalier/tensor';
import { multiply } from './arithmetic';
import { cast } from './cast';
import { lookup } from './lookup';
import { makeValue, type Operation, type Value } from './node';
import { refuse } from './shape-rules';
import { sign } from './unary';

/** Inputs: latent float32, quantised float32, codes int32, all of one shape. */
const operation: Operation<null> = {
  type: 'straightThrough',
  infer(inputs) {
    const [latent, quantised] = inputs;
    if (!sameShape(latent.shape, quantised.shape))
      throw refuse('straightThrough', inputs, 'the shapes differ');
    return [quantised];
  },
  gradient: ({ inputs: [, , codes] }, [dy]) => [
    dy && multiply(dy, sign(cast(codes, 'float32'))),
    undefined,
    undefined,
  ],
  write(node, graph) {
    const [, quantised] = graph.refs(node);
    graph.add(node, 'Identity', [quantised], { T: { type: 'float32' } });
  },
  run: (_node, [, quantised]) => [quantised.clone()],
};

export interface StraightThroughInputs {
  /** What is trained, of the shape of `codes`. */
  readonly latent: Value;
  /** [levels] */
  readonly codebook: Value;
  /** int32: 0 is removed, k is codebook[k - 1]. */
  readonly codes: Value;
}

/** The shared weights, with the gradient to `latent` and none to the codebook. */
export function straightThrough({ latent, codebook, codes }: StraightThroughInputs): Value {
  return makeValue(operation, [latent, lookup(codebook, codes), codes], null);
}
