/**
 * Every layer as its definition says, in plain loops over NHWC: what the kernels are tested against, and what runs where there is
 * no WebAssembly SIMD. Sums are in float64.
 */
import { assertNever } from '@espalier/base';
import {
  INPUT,
  inferShapes,
  type BatchNormLayer,
  type Conv2dLayer,
  type DenseLayer,
  type LayerSpec,
  type LocalResponseNormLayer,
  type NetworkSpec,
  type Padding,
  type PoolLayer,
} from '@espalier/models';
import { sizeOf, type Shape } from '@espalier/tensor';
import type { Parameters } from '../source';

/** One sample's activations, row-major: [height, width, channels] or [features]. */
interface Activation {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** input [batch, ...network.input] -> logits [batch, classes] */
export function runReference(
  network: NetworkSpec,
  parameters: Parameters,
  { input, batch }: { readonly input: Float32Array; readonly batch: number },
): Float32Array {
  const shapes = inferShapes(network);
  const size = sizeOf(network.input);
  const outputs = Array.from({ length: batch }, (_, b) => {
    const sample = { shape: network.input, data: input.subarray(b * size, (b + 1) * size) };
    const values = new Map<string, Activation>([[INPUT, sample]]);
    let last: Activation = sample;
    for (const layer of network.layers) {
      const inputs = layer.inputs.map((name) => values.get(name) as Activation);
      const parameter = (role: string): Float32Array | undefined =>
        parameters.values.get(`${layer.name}/${role}`);
      last = { shape: shapes.get(layer.name) as Shape, data: new Float32Array(0) };
      last = { ...last, data: layerOutput(layer, inputs, { shape: last.shape, parameter }) };
      values.set(layer.name, last);
    }
    return last.data;
  });
  const classes = outputs[0].length;
  const logits = new Float32Array(batch * classes);
  outputs.forEach((data, b) => logits.set(data, b * classes));
  return logits;
}

interface Wanted {
  readonly shape: Shape;
  parameter(role: string): Float32Array | undefined;
}

function layerOutput(layer: LayerSpec, inputs: readonly Activation[], wanted: Wanted): Float32Array {
  const [x] = inputs;
  switch (layer.type) {
    case 'dense':
      return dense(layer, x, wanted);
    case 'conv2d':
      return convolution(layer, x, wanted);
    case 'maxPool':
    case 'averagePool':
      return pool(layer, x, wanted);
    case 'globalAveragePool':
      return globalAverage(x, wanted);
    case 'flatten':
    case 'dropout':
      return x.data;
    case 'relu':
      return x.data.map((value) => (value > 0 ? value : 0));
    case 'batchNorm':
      return batchNorm(layer, x, wanted);
    case 'localResponseNorm':
      return localResponseNorm(layer, x);
    case 'add':
      return x.data.map((_, i) => inputs.reduce((sum, { data }) => sum + data[i], 0));
    case 'concat':
      return concat(inputs, wanted);
    default:
      return assertNever(layer);
  }
}

function dense({ units }: DenseLayer, { data }: Activation, { parameter }: Wanted): Float32Array {
  const kernel = parameter('kernel') as Float32Array; /* [in, units] */
  const bias = parameter('bias');
  return Float32Array.from({ length: units }, (_, o) =>
    data.reduce((sum, x, i) => sum + x * kernel[i * units + o], bias?.[o] ?? 0),
  );
}

function convolution(
  layer: Conv2dLayer,
  { shape, data }: Activation,
  { shape: to, parameter }: Wanted,
): Float32Array {
  const [, width, channels] = shape;
  const {
    filters,
    groups,
    kernel: [, kernelWidth],
  } = layer;
  const kernel = parameter('kernel') as Float32Array; /* [kh, kw, in / groups, filters] */
  const bias = parameter('bias');
  const groupChannels = channels / groups;
  const output = new Float32Array(sizeOf(to));
  eachWindow(
    { size: layer.kernel, stride: layer.stride, padding: layer.padding },
    { from: shape, to },
    (at, taps) => {
      for (let o = 0; o < filters; o++) {
        const first = Math.floor(o / (filters / groups)) * groupChannels;
        let sum = bias?.[o] ?? 0;
        for (const { y, x, ky, kx } of taps) {
          for (let c = 0; c < groupChannels; c++) {
            const weight = kernel[((ky * kernelWidth + kx) * groupChannels + c) * filters + o];
            sum += data[(y * width + x) * channels + first + c] * weight;
          }
        }
        output[at * filters + o] = sum;
      }
    },
  );
  return output;
}

function pool(layer: PoolLayer, { shape, data }: Activation, { shape: to }: Wanted): Float32Array {
  const [, width, channels] = shape;
  const output = new Float32Array(sizeOf(to));
  eachWindow(layer, { from: shape, to }, (at, taps) => {
    for (let c = 0; c < channels; c++) {
      const values = taps.map(({ y, x }) => data[(y * width + x) * channels + c]);
      output[at * channels + c] =
        layer.type === 'maxPool' ? Math.max(...values) : values.reduce((a, b) => a + b, 0) / values.length;
    }
  });
  return output;
}

/** One place of a window that lies in the image: (y, x) there, (ky, kx) in the window. */
interface Tap {
  readonly y: number;
  readonly x: number;
  readonly ky: number;
  readonly kx: number;
}

function eachWindow(
  {
    size,
    stride,
    padding,
  }: { readonly size: readonly number[]; readonly stride: readonly number[]; readonly padding: Padding },
  { from, to }: { readonly from: Shape; readonly to: Shape },
  visit: (position: number, taps: readonly Tap[]) => void,
): void {
  const before = [0, 1].map((i) =>
    padding === 'valid' ? 0 : Math.floor(Math.max((to[i] - 1) * stride[i] + size[i] - from[i], 0) / 2),
  );
  for (let oy = 0; oy < to[0]; oy++) {
    for (let ox = 0; ox < to[1]; ox++) {
      const taps: Tap[] = [];
      for (let ky = 0; ky < size[0]; ky++) {
        for (let kx = 0; kx < size[1]; kx++) {
          const y = oy * stride[0] + ky - before[0];
          const x = ox * stride[1] + kx - before[1];
          if (y >= 0 && y < from[0] && x >= 0 && x < from[1]) taps.push({ y, x, ky, kx });
        }
      }
      visit(oy * to[1] + ox, taps);
    }
  }
}

function globalAverage({ data }: Activation, { shape: [channels] }: Wanted): Float32Array {
  const sums = new Float64Array(channels);
  data.forEach((value, i) => (sums[i % channels] += value));
  return Float32Array.from(sums, (sum) => (sum * channels) / data.length);
}

function batchNorm({ epsilon }: BatchNormLayer, { data }: Activation, { parameter }: Wanted): Float32Array {
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'movingMean', 'movingVariance'].map(
    (role) => parameter(role) as Float32Array,
  );
  return data.map((value, i) => {
    const c = i % gamma.length;
    return ((value - mean[c]) / Math.sqrt(variance[c] + epsilon)) * gamma[c] + beta[c];
  });
}

function localResponseNorm(
  { radius, bias, alpha, beta }: LocalResponseNormLayer,
  { shape, data }: Activation,
): Float32Array {
  const channels = shape[2];
  return data.map((value, i) => {
    const c = i % channels;
    let sum = 0;
    for (let k = Math.max(0, c - radius); k <= Math.min(channels - 1, c + radius); k++)
      sum += data[i - c + k] ** 2;
    return value / Math.pow(bias + alpha * sum, beta);
  });
}

function concat(inputs: readonly Activation[], { shape }: Wanted): Float32Array {
  const output = new Float32Array(sizeOf(shape));
  const wide = shape[shape.length - 1];
  let first = 0;
  for (const { shape: own, data } of inputs) {
    const channels = own[own.length - 1];
    data.forEach((value, i) => (output[Math.floor(i / channels) * wide + first + (i % channels)] = value));
    first += channels;
  }
  return output;
}
