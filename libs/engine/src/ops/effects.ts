/**
 * What changes state: nodes without outputs, run after everything that they depend on. The optimizers' formulas are
 * TensorFlow's (ResourceApplyMomentum, ResourceApplyAdam); the eager versions write them out.
 */
import { makeNode, type Node, type Operation, type Value } from './node';
import type { Variable } from './variable';

const assignOperation: Operation<{ readonly variable: Variable }> = {
  type: 'assign',
  infer: () => [],
  write(node, graph) {
    const { variable } = node.attributes;
    graph.add(node, 'AssignVariableOp', [graph.handle(variable), ...graph.refs(node)], {
      dtype: { type: variable.dtype },
    });
  },
  run(node, [value], { assign }) {
    assign(node.attributes.variable, value);
    return [];
  },
};

interface MomentumAttributes {
  readonly variable: Variable;
  readonly velocity: Variable;
}

const momentumOperation: Operation<MomentumAttributes> = {
  type: 'applyMomentum',
  infer: () => [],
  write(node, graph) {
    const { variable, velocity } = node.attributes;
    const [gradient, learningRate, momentum] = graph.refs(node);
    graph.add(
      node,
      'ResourceApplyMomentum',
      [graph.handle(variable), graph.handle(velocity), learningRate, gradient, momentum],
      { T: { type: 'float32' }, use_locking: { bool: false }, use_nesterov: { bool: false } },
    );
  },
  run(node, [gradient, learningRate, momentum], { read, assign }) {
    const { variable, velocity } = node.attributes;
    const next = read(velocity).mul(momentum).add(gradient);
    assign(velocity, next);
    assign(variable, read(variable).sub(next.mul(learningRate)));
    return [];
  },
};

interface AdamAttributes {
  readonly variable: Variable;
  readonly firstMoment: Variable;
  readonly secondMoment: Variable;
}

const adamOperation: Operation<AdamAttributes> = {
  type: 'applyAdam',
  infer: () => [],
  write(node, graph) {
    const { variable, firstMoment, secondMoment } = node.attributes;
    const [gradient, learningRate, beta1, beta2, epsilon, beta1Power, beta2Power] = graph.refs(node);
    const handles = [variable, firstMoment, secondMoment].map((each) => graph.handle(each));
    graph.add(
      node,
      'ResourceApplyAdam',
      [...handles, beta1Power, beta2Power, learningRate, beta1, beta2, epsilon, gradient],
      { T: { type: 'float32' }, use_locking: { bool: false }, use_nesterov: { bool: false } },
    );
  },
  run(node, [gradient, learningRate, beta1, beta2, epsilon, beta1Power, beta2Power], { tf, read, assign }) {
    const { variable, firstMoment, secondMoment } = node.attributes;
    const one = tf.scalar(1);
    const rate = learningRate.mul(one.sub(beta2Power).sqrt()).div(one.sub(beta1Power));
    const m = read(firstMoment).add(gradient.sub(read(firstMoment)).mul(one.sub(beta1)));
    const v = read(secondMoment).add(gradient.square().sub(read(secondMoment)).mul(one.sub(beta2)));
    assign(firstMoment, m);
    assign(secondMoment, v);
    assign(variable, read(variable).sub(m.mul(rate).div(v.sqrt().add(epsilon))));
    return [];
  },
};

/** variable <- value */
export function assign(variable: Variable, value: Value): Node {
  return makeNode(assignOperation, [value], { variable }) as Node;
}

export interface MomentumInputs {
  readonly gradient: Value;
  readonly learningRate: Value;
  readonly momentum: Value;
}

/** velocity <- momentum * velocity + gradient; variable <- variable - learningRate * velocity (HAN15's optimizer; Caffe's differs in where the rate stands). */
export function applyMomentum(attributes: MomentumAttributes, inputs: MomentumInputs): Node {
  return makeNode(
    momentumOperation,
    [inputs.gradient, inputs.learningRate, inputs.momentum],
    attributes,
  ) as Node;
}

export interface AdamInputs {
  readonly gradient: Value;
  readonly learningRate: Value;
  readonly beta1: Value;
  readonly beta2: Value;
  readonly epsilon: Value;
  /** beta1 and beta2 to the power of the number of updates, this one included. */
  readonly beta1Power: Value;
  readonly beta2Power: Value;
}

/** Kingma & Ba 2015, in the form of its section 2's last paragraph (epsilon "hat"), as TensorFlow has it. */
export function applyAdam(attributes: AdamAttributes, inputs: AdamInputs): Node {
  const { gradient, learningRate, beta1, beta2, epsilon, beta1Power, beta2Power } = inputs;
  const list = [gradient, learningRate, beta1, beta2, epsilon, beta1Power, beta2Power];
  return makeNode(adamOperation, list, attributes) as Node;
}
