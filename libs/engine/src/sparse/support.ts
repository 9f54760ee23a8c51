/** Which programs a step on kept weights can do, and when it is the faster way. */
import { assertNever } from '@espalier/base';
import {
  INPUT,
  connectionsOf,
  inferShapes,
  parametersOf,
  type Conv2dLayer,
  type DenseLayer,
  type FlattenLayer,
  type LayerSpec,
  type NetworkSpec,
  type PoolLayer,
  type ReluLayer,
} from '@espalier/models';
import { sizeOf, type Shape } from '@espalier/tensor';
import type { ProgramOptions } from '../graph/training-program';
import { windowOutput } from '../ops/shape-rules';
import type { Extent } from './plane';

type DropoutLayer = Extract<LayerSpec, { type: 'dropout' }>;
type MaxPoolLayer = PoolLayer & { readonly type: 'maxPool' };
/** The layers that it knows. */
export type ChainLayer = DenseLayer | Conv2dLayer | MaxPoolLayer | ReluLayer | DropoutLayer | FlattenLayer;

/** Nothing is pruned before the first masks: no reason to refuse a session. */
export const NO_MASKS = 'there are no masks';

/** Why the step must be TensorFlow's; undefined where it need not. */
export function unsupported(options: ProgramOptions): string | undefined {
  if (!options.masked && options.shared.size === 0) return NO_MASKS;
  if (options.latent) return 'weights are trained on behind their masks';
  const shapes = inferShapes(options.network);
  let before = INPUT;
  for (const layer of options.network.layers) {
    if (layer.inputs.length !== 1 || layer.inputs[0] !== before)
      return `"${layer.name}" is no link of a chain`;
    const problem = layerProblem(layer, shapes.get(before) as Shape);
    if (problem) return `"${layer.name}" ${problem}`;
    before = layer.name;
  }
  return undefined;
}

export function isWeighted(layer: LayerSpec): layer is DenseLayer | Conv2dLayer {
  return layer.type === 'dense' || layer.type === 'conv2d';
}

/** Rows above and columns to the left of the image that its windows reach into (TensorFlow's rules). */
export function paddingBefore(
  { kernel, stride, padding }: Conv2dLayer,
  input: Extent,
  output: Extent,
): [number, number] {
  if (padding === 'valid') return [0, 0];
  const before = (size: number, windows: number, axis: 0 | 1): number =>
    Math.floor(Math.max(0, (windows - 1) * stride[axis] + kernel[axis] - size) / 2);
  return [before(input.height, output.height, 0), before(input.width, output.width, 1)];
}

function layerProblem(layer: LayerSpec, input: Shape): string | undefined {
  switch (layer.type) {
    case 'dense':
    case 'relu':
    case 'dropout':
    case 'flatten':
      return undefined;
    case 'conv2d':
      return layer.groups === 1 ? undefined : 'has groups';
    case 'maxPool':
      return isPadded(layer, input) ? 'pads what it pools' : undefined;
    case 'averagePool':
    case 'globalAveragePool':
    case 'batchNorm':
    case 'localResponseNorm':
    case 'add':
    case 'concat':
      return `is a ${layer.type}`;
    default:
      return assertNever(layer);
  }
}

function isPadded({ size, stride, padding }: PoolLayer, input: Shape): boolean {
  return [0, 1].some((axis) => {
    const outputs = windowOutput(input[axis], size[axis], stride[axis], padding);
    return (outputs - 1) * stride[axis] + size[axis] > input[axis];
  });
}

/**
 * Kept weights are the faster way up to this share of a network's connections (those of a convolution at all its positions). A constant, as
 * bits must not depend on a measurement; `espalier bench step` has both ways.
 */
const WORTHWHILE_SHARE = 0.25;

/** `kept`: by the name of a kernel, how many weights; of others all. */
export function isWorthwhile(network: NetworkSpec, kept: ReadonlyMap<string, number>): boolean {
  const connections = connectionsOf(network);
  let [all, own] = [0, 0];
  for (const { name, layer, role, shape } of parametersOf(network)) {
    if (role !== 'kernel') continue;
    const count = connections.get(layer) as number;
    all += count;
    own += (count * (kept.get(name) ?? sizeOf(shape))) / sizeOf(shape);
  }
  return own <= WORTHWHILE_SHARE * all;
}
