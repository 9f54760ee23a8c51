/** The obvious, slow forward pass for one sample: what the tests compare shrunk networks with. Not part of the lib. */
import { INPUT, inferShapes, windowCount, type LayerSpec, type NetworkSpec } from '@espalier/models';
import type { Tensor } from '@espalier/tensor';
import { readWeights, requireFloat32 } from './read-weights';

type Values = { readonly shape: readonly number[]; readonly data: Float64Array };

/** The logits of one sample [height * width * channels], with dropout as the identity. */
export function forward(
  network: NetworkSpec,
  tensors: ReadonlyMap<string, Tensor>,
  sample: ArrayLike<number>,
): Float64Array {
  const shapes = inferShapes(network);
  const outputs = new Map<string, Values>([
    [INPUT, { shape: network.input, data: Float64Array.from(sample) }],
  ]);
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => outputs.get(name) as Values);
    const shape = shapes.get(layer.name) as readonly number[];
    outputs.set(layer.name, { shape, data: run(layer, inputs, { shape, tensors }) });
  }
  return (outputs.get(network.layers[network.layers.length - 1].name) as Values).data;
}

function run(
  layer: LayerSpec,
  inputs: readonly Values[],
  { shape, tensors }: { readonly shape: readonly number[]; readonly tensors: ReadonlyMap<string, Tensor> },
): Float64Array {
  const [{ data, shape: from }] = inputs;
  const channels = from[from.length - 1];
  switch (layer.type) {
    case 'dense': {
      const kernel = readWeights(tensors, `${layer.name}/kernel`);
      const bias = layer.bias ? requireFloat32(tensors, `${layer.name}/bias`) : undefined;
      return Float64Array.from({ length: layer.units }, (_, o) => {
        let sum = bias ? bias[o] : 0;
        for (let i = 0; i < data.length; i++) sum += data[i] * kernel[i * layer.units + o];
        return sum;
      });
    }
    case 'conv2d': {
      const kernel = readWeights(tensors, `${layer.name}/kernel`);
      const bias = layer.bias ? requireFloat32(tensors, `${layer.name}/bias`) : undefined;
      const perGroup = channels / layer.groups;
      const out = new Float64Array(shape[0] * shape[1] * shape[2]);
      eachWindow(layer, { from, shape, window: layer.kernel }, (at, y, x, ky, kx) => {
        for (let o = 0; o < layer.filters; o++) {
          const group = Math.floor(o / (layer.filters / layer.groups));
          for (let i = 0; i < perGroup; i++) {
            const weight = kernel[((ky * layer.kernel[1] + kx) * perGroup + i) * layer.filters + o];
            out[at * layer.filters + o] += data[(y * from[1] + x) * channels + group * perGroup + i] * weight;
          }
        }
      });
      return bias ? out.map((value, i) => value + bias[i % layer.filters]) : out;
    }
    case 'maxPool':
    case 'averagePool': {
      const max = layer.type === 'maxPool';
      const out = new Float64Array(shape[0] * shape[1] * channels).fill(max ? -Infinity : 0);
      const counts = new Uint32Array(out.length);
      eachWindow(layer, { from, shape, window: layer.size }, (at, y, x) => {
        for (let c = 0; c < channels; c++) {
          const value = data[(y * from[1] + x) * channels + c];
          out[at * channels + c] = max
            ? Math.max(out[at * channels + c], value)
            : out[at * channels + c] + value;
          counts[at * channels + c]++;
        }
      });
      return max ? out : out.map((sum, i) => sum / counts[i]);
    }
    case 'globalAveragePool': {
      const out = new Float64Array(channels);
      data.forEach((value, i) => (out[i % channels] += (value * channels) / data.length));
      return out;
    }
    case 'flatten':
    case 'dropout':
      return data;
    case 'relu':
      return data.map((value) => Math.max(0, value));
    case 'batchNorm': {
      const [gamma, beta, mean, variance] = ['gamma', 'beta', 'movingMean', 'movingVariance'].map((role) =>
        requireFloat32(tensors, `${layer.name}/${role}`),
      );
      return data.map((value, i) => {
        const c = i % channels;
        return ((value - mean[c]) / Math.sqrt(variance[c] + layer.epsilon)) * gamma[c] + beta[c];
      });
    }
    case 'localResponseNorm':
      return data.map((value, i) => {
        const c = i % channels;
        let squares = 0;
        for (let j = Math.max(0, c - layer.radius); j <= Math.min(channels - 1, c + layer.radius); j++) {
          squares += data[i - c + j] ** 2;
        }
        return value / (layer.bias + layer.alpha * squares) ** layer.beta;
      });
    case 'add':
      return data.map((_, i) => inputs.reduce((sum, input) => sum + input.data[i], 0));
    case 'concat': {
      const positions = data.length / channels;
      const parts: number[] = [];
      for (let p = 0; p < positions; p++) {
        for (const input of inputs) {
          const width = input.shape[input.shape.length - 1];
          parts.push(...input.data.slice(p * width, (p + 1) * width));
        }
      }
      return Float64Array.from(parts);
    }
  }
}

/** Calls for each input position (y, x) under each window; `at` counts the output positions. */
function eachWindow(
  { stride, padding }: { readonly stride: readonly [number, number]; readonly padding: 'valid' | 'same' },
  {
    from,
    shape,
    window,
  }: {
    readonly from: readonly number[];
    readonly shape: readonly number[];
    readonly window: readonly [number, number];
  },
  visit: (at: number, y: number, x: number, ky: number, kx: number) => void,
): void {
  const before = [0, 1].map((axis) => {
    const count = windowCount(from[axis], window[axis], stride[axis], padding);
    return padding === 'same'
      ? Math.floor(Math.max(0, (count - 1) * stride[axis] + window[axis] - from[axis]) / 2)
      : 0;
  });
  for (let at = 0; at < shape[0] * shape[1]; at++) {
    const top = Math.floor(at / shape[1]) * stride[0] - before[0];
    const left = (at % shape[1]) * stride[1] - before[1];
    for (let ky = 0; ky < window[0]; ky++) {
      for (let kx = 0; kx < window[1]; kx++) {
        const [y, x] = [top + ky, left + kx];
        if (y >= 0 && y < from[0] && x >= 0 && x < from[1]) visit(at, y, x, ky, kx);
      }
    }
  }
}
