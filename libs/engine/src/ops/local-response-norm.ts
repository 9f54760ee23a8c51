import { runKernel } from './conv2d';
import type { Attribute } from './graph-writer';
import { makeValue, type Operation, type Value } from './node';
import { requireRanks } from './shape-rules';

export interface LocalResponseNormOptions {
  readonly radius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

const operation: Operation<LocalResponseNormOptions> = {
  type: 'localResponseNorm',
  infer(inputs) {
    requireRanks('localResponseNorm', inputs, [4]);
    return [inputs[0]];
  },
  gradient: ({ inputs: [x], outputs: [y], attributes }, [dy]) => [
    dy && makeValue(gradientOperation, [dy, x, y], attributes),
  ],
  write: (node, graph) => graph.add(node, 'LRN', graph.refs(node), writtenAttributes(node.attributes)),
  run: (node, [x], context) => [runKernel(context, 'LRN', { x }, eagerAttributes(node.attributes))],
};

/** Inputs: dy, x, y. */
const gradientOperation: Operation<LocalResponseNormOptions> = {
  type: 'localResponseNormGradient',
  infer: ([dy]) => [dy],
  write: (node, graph) => graph.add(node, 'LRNGrad', graph.refs(node), writtenAttributes(node.attributes)),
  run: (node, [dy, x, y], context) => [
    runKernel(context, 'LRNGrad', { x, y, dy }, eagerAttributes(node.attributes)),
  ],
};

function writtenAttributes({
  radius,
  bias,
  alpha,
  beta,
}: LocalResponseNormOptions): Record<string, Attribute> {
  return {
    T: { type: 'float32' },
    depth_radius: { int: radius },
    bias: { float: bias },
    alpha: { float: alpha },
    beta: { float: beta },
  };
}

function eagerAttributes({ radius, bias, alpha, beta }: LocalResponseNormOptions): Record<string, unknown> {
  return { depthRadius: radius, bias, alpha, beta };
}

/** x / (bias + alpha * sum of x^2 over channels c - radius .. c + radius) ^ beta, over [batch, h, w, c]. */
export function localResponseNorm(x: Value, options: LocalResponseNormOptions): Value {
  return makeValue(operation, [x], options);
}
