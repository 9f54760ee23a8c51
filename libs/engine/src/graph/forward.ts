/** A network's layers as operations. */
import { assertNever } from '@espalier/base';
import {
  INPUT,
  type BatchNormLayer,
  type Conv2dLayer,
  type LayerSpec,
  type NetworkSpec,
} from '@espalier/models';
import { add, multiply, subtract } from '../ops/arithmetic';
import { biasAdd } from '../ops/bias-add';
import { concat, split } from '../ops/concat';
import { scalar } from '../ops/constant';
import { conv2d } from '../ops/conv2d';
import { keepMask } from '../ops/keep-mask';
import { localResponseNorm } from '../ops/local-response-norm';
import { matMul } from '../ops/mat-mul';
import type { Value } from '../ops/node';
import { averagePool, maxPool } from '../ops/pool';
import { reduceMean } from '../ops/reduce-sum';
import { relu } from '../ops/relu';
import { reshape } from '../ops/reshape';
import { rsqrt, square } from '../ops/unary';

/** What the layers need from outside. */
export interface ForwardContext {
  /** The parameter of that name, `fc1/kernel`. */
  parameter(name: string): Value;
  /** Present while training: batch statistics and dropout are then in use. */
  readonly training?: TrainingContext;
}

export interface TrainingContext {
  /** The key of this step's random numbers, int32 [1, 2]. */
  readonly dropoutKey: Value;
  /** The share of activations that a dropout layer drops. */
  dropoutRate(layer: string): number;
  /** Frozen layers normalise by their moving statistics, as in use. */
  isFrozen(layer: string): boolean;
  /** Takes the new moving statistics of a batch norm. */
  updateMoving(name: string, value: Value): void;
}

/** The logits [batch, classes] for `images` [batch, ...network.input]. */
export function forward(network: NetworkSpec, images: Value, context: ForwardContext): Value {
  const values = new Map<string, Value>([[INPUT, images]]);
  let last = images;
  network.layers.forEach((layer, position) => {
    const inputs = layer.inputs.map((name) => values.get(name) as Value);
    last = layerOutput(layer, inputs, { ...context, position });
    values.set(layer.name, last);
  });
  return last;
}

type LayerContext = ForwardContext & {
  /** Of the layer in the network: names its stream of random numbers. */
  readonly position: number;
};

function layerOutput(layer: LayerSpec, inputs: readonly Value[], context: LayerContext): Value {
  const [x] = inputs;
  const withBias = (y: Value, hasBias: boolean): Value =>
    hasBias ? biasAdd(y, context.parameter(`${layer.name}/bias`)) : y;
  switch (layer.type) {
    case 'dense':
      return withBias(matMul(x, context.parameter(`${layer.name}/kernel`)), layer.bias);
    case 'conv2d':
      return withBias(convolution(layer, x, context.parameter(`${layer.name}/kernel`)), layer.bias);
    case 'maxPool':
      return maxPool(x, layer);
    case 'averagePool':
      return averagePool(x, layer);
    case 'globalAveragePool':
      return reduceMean(x, [1, 2]);
    case 'flatten':
      return reshape(x, [x.shape[0], x.shape.slice(1).reduce((product, axis) => product * axis, 1)]);
    case 'relu':
      return relu(x);
    case 'dropout':
      return dropout(layer.name, x, context);
    case 'batchNorm':
      return batchNorm(layer, x, context);
    case 'localResponseNorm':
      return localResponseNorm(x, layer);
    case 'add':
      return inputs.reduce((sum, each) => add(sum, each));
    case 'concat':
      return concat(inputs, x.shape.length - 1);
    default:
      return assertNever(layer);
  }
}

/** TensorFlow's CPU kernels refuse groups: one convolution for each, on its part of the channels and of the filters. */
function convolution(layer: Conv2dLayer, x: Value, kernel: Value): Value {
  const { groups } = layer;
  if (groups === 1) return conv2d(x, kernel, layer);
  const parts = (value: Value): readonly Value[] =>
    split(value, new Array<number>(groups).fill(value.shape[3] / groups), 3);
  const kernels = parts(kernel);
  return concat(
    parts(x).map((part, group) => conv2d(part, kernels[group], layer)),
    3,
  );
}

function dropout(name: string, x: Value, { training, position }: LayerContext): Value {
  const rate = training?.dropoutRate(name) ?? 0;
  if (!training || rate === 0) return x;
  return multiply(x, keepMask(training.dropoutKey, { shape: x.shape, rate, stream: position }));
}

/** Ioffe & Szegedy 2015, algorithms 1 and 2; the moving variance is that of the batch itself, without Bessel's factor. */
function batchNorm(layer: BatchNormLayer, x: Value, { parameter, training }: LayerContext): Value {
  const own = (role: string): Value => parameter(`${layer.name}/${role}`);
  const normalise = (centred: Value, variance: Value): Value =>
    add(multiply(multiply(centred, rsqrt(add(variance, scalar(layer.epsilon)))), own('gamma')), own('beta'));
  if (!training || training.isFrozen(layer.name)) {
    return normalise(subtract(x, own('movingMean')), own('movingVariance'));
  }
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const mean = reduceMean(x, axes);
  const centred = subtract(x, mean);
  const variance = reduceMean(square(centred), axes);
  for (const [role, batch] of [
    ['movingMean', mean],
    ['movingVariance', variance],
  ] as const) {
    const moved = add(
      multiply(own(role), scalar(layer.momentum)),
      multiply(batch, scalar(1 - layer.momentum)),
    );
    training.updateMoving(`${layer.name}/${role}`, moved);
  }
  return normalise(centred, variance);
}
