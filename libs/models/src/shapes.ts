/** What each layer gives, what tensors it holds, and how many connections it has. */
import { assertNever } from '@espalier/base';
import { sizeOf, type Shape } from '@espalier/tensor';
import { networkError } from './errors';
import { NETWORK_LIMITS } from './layer-fields';
import { INPUT, type LayerSpec, type NetworkSpec, type Padding, type ParameterSpec } from './network';

/**
 * The shape of each layer's output, without the batch axis, and of `input`: [height, width, channels] or [features].
 * Throws NETWORK_SHAPE where a layer cannot follow the one before it.
 */
export function inferShapes(network: NetworkSpec): Map<string, Shape> {
  const shapes = new Map<string, Shape>([[INPUT, network.input]]);
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => shapes.get(name) as Shape);
    shapes.set(layer.name, outputShape(layer, inputs));
  }
  return shapes;
}

/** The parameter tensors of a network, layer by layer, kernel first. */
export function parametersOf(network: NetworkSpec): ParameterSpec[] {
  const shapes = inferShapes(network);
  return network.layers.flatMap((layer) => layerParameters(layer, shapes.get(layer.inputs[0]) as Shape));
}

/**
 * The connections C_i of each layer that has a kernel: dense N_(i-1) * N_i (HAN15 section 3.2); a convolution has each
 * weight once at every output position, border effects aside. Twice this is the FLOP column of HAN15's tables 2 to 5.
 */
export function connectionsOf(network: NetworkSpec): Map<string, number> {
  const shapes = inferShapes(network);
  const connections = new Map<string, number>();
  for (const parameter of parametersOf(network)) {
    if (parameter.role !== 'kernel') continue;
    const output = shapes.get(parameter.layer) as Shape;
    const positions = output.length === 3 ? output[0] * output[1] : 1;
    connections.set(parameter.layer, sizeOf(parameter.shape) * positions);
  }
  return connections;
}

/** `window` output positions along one axis of length `size`; 0 or less when a valid window does not fit. */
export function windowCount(size: number, window: number, stride: number, padding: Padding): number {
  return padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - window) / stride) + 1;
}

function outputShape(layer: LayerSpec, inputs: readonly Shape[]): Shape {
  const [first] = inputs;
  switch (layer.type) {
    case 'dense':
      requireRank(layer, first, 1, 'put a flatten or globalAveragePool before it');
      return [layer.units];
    case 'conv2d': {
      requireRank(layer, first, 3, 'convolutions stand before the flatten');
      const channels = first[2];
      if (channels % layer.groups !== 0 || layer.filters % layer.groups !== 0) {
        throw mismatch(layer, {
          expected: `channels and filters (${layer.filters}) that ${layer.groups} groups divide`,
          actual: first,
          advice: 'change "groups" or "filters"',
        });
      }
      return [...windows(layer, first, layer.kernel), layer.filters];
    }
    case 'maxPool':
    case 'averagePool':
      requireRank(layer, first, 3, 'pooling stands before the flatten');
      return [...windows(layer, first, layer.size), first[2]];
    case 'globalAveragePool':
      requireRank(layer, first, 3, "it stands in the flatten's place");
      return [first[2]];
    case 'localResponseNorm':
      requireRank(layer, first, 3, 'it belongs to convolutions');
      return first;
    case 'flatten':
      return [requireSize(layer, sizeOf(first), first)];
    case 'relu':
    case 'dropout':
    case 'batchNorm':
      return first;
    case 'add':
      inputs.forEach((shape, i) => {
        if (shape.length === first.length && shape.every((axis, j) => axis === first[j])) return;
        throw mismatch(layer, {
          expected: `${show(first)} from each input`,
          actual: shape,
          input: i,
          advice: sameSize,
        });
      });
      return first;
    case 'concat': {
      inputs.forEach((shape, i) => {
        if (shape.length === first.length && shape.slice(0, -1).every((axis, j) => axis === first[j])) return;
        const expected = `${show(first)} from each input, the last axis aside`;
        throw mismatch(layer, { expected, actual: shape, input: i, advice: sameSize });
      });
      const joined = inputs.reduce((sum, shape) => sum + shape[shape.length - 1], 0);
      return [...first.slice(0, -1), requireSize(layer, joined, first)];
    }
    default:
      return assertNever(layer);
  }
}

const sameSize = 'bring them to one shape';

function windows(
  layer: LayerSpec & { readonly stride: readonly [number, number]; readonly padding: Padding },
  input: Shape,
  window: readonly [number, number],
): readonly [number, number] {
  const height = windowCount(input[0], window[0], layer.stride[0], layer.padding);
  const width = windowCount(input[1], window[1], layer.stride[1], layer.padding);
  if (height < 1 || width < 1) {
    const expected = `at least ${window[0]} x ${window[1]} positions`;
    throw mismatch(layer, { expected, actual: input, advice: 'use a smaller window or padding: same' });
  }
  return [height, width];
}

function requireRank(layer: LayerSpec, shape: Shape, rank: 1 | 3, advice: string): void {
  if (shape.length === rank) return;
  throw mismatch(layer, {
    expected: rank === 1 ? '[features]' : '[height, width, channels]',
    actual: shape,
    advice,
  });
}

function requireSize(layer: LayerSpec, size: number, input: Shape): number {
  if (size <= NETWORK_LIMITS.maxUnits) return size;
  throw mismatch(layer, {
    expected: `no more than ${NETWORK_LIMITS.maxUnits} features`,
    actual: input,
    advice: 'pool before it',
  });
}

function layerParameters(layer: LayerSpec, input: Shape): ParameterSpec[] {
  const parameter = (role: ParameterSpec['role'], shape: Shape): ParameterSpec => ({
    name: `${layer.name}/${role}`,
    layer: layer.name,
    role,
    shape,
    prunable: role === 'kernel',
    trainable: role !== 'movingMean' && role !== 'movingVariance',
  });
  const last = input[input.length - 1];
  switch (layer.type) {
    case 'dense':
      return [
        parameter('kernel', [last, layer.units]),
        ...(layer.bias ? [parameter('bias', [layer.units])] : []),
      ];
    case 'conv2d':
      return [
        parameter('kernel', [...layer.kernel, last / layer.groups, layer.filters]),
        ...(layer.bias ? [parameter('bias', [layer.filters])] : []),
      ];
    case 'batchNorm':
      return (['gamma', 'beta', 'movingMean', 'movingVariance'] as const).map((role) =>
        parameter(role, [last]),
      );
    default:
      return [];
  }
}

function mismatch(
  layer: LayerSpec,
  problem: {
    readonly expected: string;
    readonly actual: Shape;
    readonly advice: string;
    readonly input?: number;
  },
): Error {
  return networkError('NETWORK_SHAPE', {
    layer: layer.name,
    type: layer.type,
    expected: problem.expected,
    input: layer.inputs[problem.input ?? 0],
    actual: show(problem.actual),
    advice: problem.advice,
  });
}

function show(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
