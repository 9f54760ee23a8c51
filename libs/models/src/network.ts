/**
 * A network as data: a checked, serialisable graph of layers. Activations are NHWC ([batch, height, width, channels]) or
 * [batch, features]. A layer reads from `inputs` (default: the layer before it); the order of `layers` is topological.
 * The last layer gives the logits [batch, classes]; the loss is not part of the network.
 */

export interface NetworkSpec {
  readonly version: 1;
  readonly name: string;
  /** Shape of one sample: [height, width, channels] or [features]. */
  readonly input: readonly number[];
  /** Normalised: every default filled in, every `inputs` given. */
  readonly layers: readonly LayerSpec[];
}

/** The name by which layers refer to the network's input. */
export const INPUT = 'input';

interface LayerOf<Type extends string> {
  readonly type: Type;
  /** Unique; letters, digits, `_`, `-`, `.`; stands in tensor names as `NAME/kernel`. */
  readonly name: string;
  readonly inputs: readonly string[];
}

type Pair = readonly [number, number];
export type Padding = 'valid' | 'same';

/** kernel [in, units], bias [units]. */
export interface DenseLayer extends LayerOf<'dense'> {
  readonly units: number;
  readonly bias: boolean;
}

/** kernel [kh, kw, in / groups, filters], bias [filters]. Group g reads input channels [g * in / groups, ...). */
export interface Conv2dLayer extends LayerOf<'conv2d'> {
  readonly filters: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
  readonly groups: number;
  readonly bias: boolean;
}

export interface PoolLayer extends LayerOf<'maxPool' | 'averagePool'> {
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}

/** [batch, h, w, c] -> [batch, c]. */
export type GlobalAveragePoolLayer = LayerOf<'globalAveragePool'>;

/** [batch, ...] -> [batch, features], row-major. */
export type FlattenLayer = LayerOf<'flatten'>;

export type ReluLayer = LayerOf<'relu'>;

/** Inverted dropout: kept activations are scaled by 1 / (1 - rate) while training; identity otherwise. */
export interface DropoutLayer extends LayerOf<'dropout'> {
  readonly rate: number;
}

/** gamma, beta, movingMean, movingVariance, each [channels]. moving = momentum * moving + (1 - momentum) * batch. */
export interface BatchNormLayer extends LayerOf<'batchNorm'> {
  readonly epsilon: number;
  readonly momentum: number;
}

/** x / (bias + alpha * sum over 2 * radius + 1 channels of x^2) ^ beta (TensorFlow's LRN). */
export interface LocalResponseNormLayer extends LayerOf<'localResponseNorm'> {
  readonly radius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Element-wise sum of two or more inputs of one shape. */
export type AddLayer = LayerOf<'add'>;

/** Joins two or more inputs along the last axis. */
export type ConcatLayer = LayerOf<'concat'>;

export type LayerSpec =
  | DenseLayer
  | Conv2dLayer
  | PoolLayer
  | GlobalAveragePoolLayer
  | FlattenLayer
  | ReluLayer
  | DropoutLayer
  | BatchNormLayer
  | LocalResponseNormLayer
  | AddLayer
  | ConcatLayer;

export type LayerType = LayerSpec['type'];

/** One parameter tensor of a network. */
export interface ParameterSpec {
  /** `fc1/kernel`. */
  readonly name: string;
  readonly layer: string;
  readonly role: 'kernel' | 'bias' | 'gamma' | 'beta' | 'movingMean' | 'movingVariance';
  readonly shape: readonly number[];
  /** Kernels only: biases and normalisation are never pruned (HAN15 section 3). */
  readonly prunable: boolean;
  /** False for moving statistics, which no gradient reaches. */
  readonly trainable: boolean;
}
