/**
 * A network in whole numbers (Jacob et al. 2018, section 2): weights are int8 by output channel, activations 8 bits by tensor, sums int32,
 * and between two layers a sum is multiplied by one number, rounded and cut off at the ends of 8 bits, which is the ReLU, too.
 * Ranges of activations come from data (plugin-int8's `activationRange`).
 */
import { INPUT, inferShapes, type Conv2dLayer, type LayerSpec, type NetworkSpec } from '@espalier/models';
import { activationRange, quantizeToInt8, type ActivationRange } from '@espalier/plugin-int8';
import { sizeOf, type Shape } from '@espalier/tensor';
import { createModel } from '../create-model';
import { integerError } from '../errors';
import { parametersFrom, type ModelSource } from '../source';

/** Sums are int32. */
const LARGEST_SUM = 2 ** 31 - 1;
/** Outputs are computed four at a time: channels are padded with zeros to that. */
const LANES = 4;
/** Inputs of an output, in bytes, are read sixteen at a time. */
const VECTOR = 16;

export interface Frame {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Bytes from a position to the next: channels, padded. */
  readonly stride: number;
}

export interface KernelStep {
  readonly kind: 'kernel';
  readonly layer: string;
  readonly from: Frame;
  readonly to: Frame;
  /** A dense layer is a window over the whole image. */
  readonly window: {
    readonly size: readonly [number, number];
    readonly stride: readonly [number, number];
    /** Rows above and columns to the left that are 0. */
    readonly before: readonly [number, number];
    /** [height, width] with what is 0 around. */
    readonly padded: readonly [number, number];
  };
  /** [outputs, inputs of one], outputs padded to 4, inputs to 16 */
  readonly weights: Int8Array;
  readonly inputs: number;
  /** [outputs] */
  readonly bias: Int32Array;
  /** [outputs] from a sum to codes of what comes next, or to logits. */
  readonly factors: Float32Array;
  readonly inputIsUnsigned: boolean;
  /** Absent: logits. */
  readonly output?: Pick<ActivationRange, 'isUnsigned'>;
}

export interface PoolStep {
  readonly kind: 'pool';
  readonly layer: string;
  readonly from: Frame;
  readonly to: Frame;
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly isUnsigned: boolean;
}

export type IntegerStep = KernelStep | PoolStep;

export interface QuantisedNetwork {
  readonly network: NetworkSpec;
  readonly input: Frame & ActivationRange;
  readonly steps: readonly IntegerStep[];
}

export interface Calibration {
  /** Typical inputs, [any, ...network.input]. */
  readonly samples: Float32Array;
  /** Share of the magnitudes of each activation that are not clipped, above 0 and at most 1; default 1. */
  readonly percentile?: number;
}

/** @throws INFERENCE_INTEGER for a network that is no chain of conv2d, dense, maxPool, relu, flatten and dropout; INFERENCE_TENSOR */
export async function quantiseNetwork(
  source: ModelSource,
  { samples, percentile = 1 }: Calibration,
): Promise<QuantisedNetwork> {
  const { network } = source;
  requireChain(network);
  const { values } = parametersFrom(source);
  const shapes = inferShapes(network);
  const kernels = network.layers.filter(({ type }) => type === 'conv2d' || type === 'dense');
  const ranges = new Map<string, ActivationRange>();
  for (const { name } of kernels) {
    ranges.set(name, activationRange([await inputsOf(name, source, samples)], percentile));
  }
  const input = frameOf(network.input, network.input.at(-1) ?? 1);
  const steps: IntegerStep[] = [];
  let frame: Frame = input;
  let isUnsigned = (ranges.get(kernels[0].name) as ActivationRange).isUnsigned;
  for (const layer of network.layers) {
    const shape = shapes.get(layer.name) as Shape;
    if (layer.type === 'maxPool') {
      const to = frameOf(shape, frame.stride);
      steps.push({
        kind: 'pool',
        layer: layer.name,
        from: frame,
        to,
        size: layer.size,
        stride: layer.stride,
        isUnsigned,
      });
      frame = to;
    } else if (layer.type === 'conv2d' || layer.type === 'dense') {
      const range = ranges.get(layer.name) as ActivationRange;
      const next = kernels[kernels.indexOf(layer) + 1];
      const output = next && (ranges.get(next.name) as ActivationRange);
      const step = kernelStep(layer, shape, {
        from: frame,
        range,
        output,
        kernel: values.get(`${layer.name}/kernel`) as Float32Array,
        bias: values.get(`${layer.name}/bias`),
      });
      steps.push(step);
      frame = step.to;
      isUnsigned = output?.isUnsigned ?? false;
    }
  }
  return { network, input: { ...input, ...(ranges.get(kernels[0].name) as ActivationRange) }, steps };
}

interface KernelGiven {
  readonly from: Frame;
  readonly range: ActivationRange;
  readonly output: ActivationRange | undefined;
  readonly kernel: Float32Array;
  readonly bias: Float32Array | undefined;
}

function kernelStep(
  layer: LayerSpec,
  shape: Shape,
  { from, range, output, kernel, bias }: KernelGiven,
): KernelStep {
  const outputs = shape[shape.length - 1];
  const to = frameOf(shape, roundUp(outputs, LANES));
  const window = layer.type === 'conv2d' ? windowOf(layer, from, to) : wholeOf(from);
  const [height, width] = window.size;
  const inputs = roundUp(height * width * from.stride, VECTOR);
  // [kh, kw, in, out] either way: a dense layer's inputs are the positions and channels of what was flattened.
  const rows = height * width * from.channels;
  const quantized = quantizeToInt8([rows, outputs], kernel, { channels: true, symmetric: true });
  const weights = new Int8Array(to.stride * inputs);
  for (let row = 0; row < rows; row++) {
    const at = Math.floor(row / from.channels) * from.stride + (row % from.channels);
    for (let o = 0; o < outputs; o++) weights[o * inputs + at] = quantized.codes[row * outputs + o];
  }
  const biases = new Int32Array(to.stride);
  const factors = new Float32Array(to.stride);
  for (let o = 0; o < outputs; o++) {
    const unit = range.scale * quantized.scales[o];
    const whole = Math.round((bias?.[o] ?? 0) / unit);
    let largest = Math.abs(whole);
    for (let i = 0; i < inputs; i++) largest += 255 * Math.abs(weights[o * inputs + i]);
    if (!(largest <= LARGEST_SUM)) throw refused(layer, 'its sums may not fit into 32 bits');
    biases[o] = whole;
    factors[o] = output ? unit / output.scale : unit;
  }
  return {
    kind: 'kernel',
    layer: layer.name,
    from,
    to,
    window,
    weights,
    inputs,
    bias: biases,
    factors,
    inputIsUnsigned: range.isUnsigned,
    ...(output && { output }),
  };
}

function windowOf(
  { kernel: size, stride, padding }: Conv2dLayer,
  from: Frame,
  to: Frame,
): KernelStep['window'] {
  const around = (axis: 0 | 1, length: number, outputs: number): readonly [number, number] => {
    if (padding === 'valid') return [0, length];
    const total = Math.max((outputs - 1) * stride[axis] + size[axis] - length, 0);
    return [Math.floor(total / 2), length + total];
  };
  const [top, height] = around(0, from.height, to.height);
  const [left, width] = around(1, from.width, to.width);
  return { size, stride, before: [top, left], padded: [height, width] };
}

function wholeOf({ height, width }: Frame): KernelStep['window'] {
  return { size: [height, width], stride: [1, 1], before: [0, 0], padded: [height, width] };
}

/** [height, width, channels], or features as the channels of one position. */
function frameOf(shape: Shape, stride: number): Frame {
  const [height, width, channels] = shape.length === 3 ? shape : [1, 1, shape[0]];
  return { height, width, channels, stride };
}

/** What comes into a layer, for all samples, by the float model of the layers before it. */
async function inputsOf(layer: string, source: ModelSource, samples: Float32Array): Promise<Float32Array> {
  const { network } = source;
  const layers = network.layers.slice(
    0,
    network.layers.findIndex(({ name }) => name === layer),
  );
  if (!layers.some(({ type }) => type !== 'flatten' && type !== 'dropout')) return samples;
  const before = { ...source, network: { ...network, layers } };
  const model = await createModel(before, { kernels: 'dense', batch: 32 });
  try {
    return model.run(samples, samples.length / sizeOf(network.input));
  } finally {
    model.dispose();
  }
}

/** Each layer reads the one before it, and each is one of those that the path has. */
function requireChain({ layers }: NetworkSpec): void {
  let before = INPUT;
  let kernels = 0;
  for (const layer of layers) {
    if (layer.inputs.length !== 1 || layer.inputs[0] !== before)
      throw refused(layer, 'it does not read the layer before it');
    if (layer.type === 'conv2d' && layer.groups !== 1) throw refused(layer, 'it has groups');
    if (layer.type === 'maxPool' && layer.padding !== 'valid')
      throw refused(layer, 'its windows reach over the edge');
    if (layer.type === 'relu' && kernels === 0) throw refused(layer, 'it comes before all weights');
    if (layer.type === 'conv2d' || layer.type === 'dense') kernels++;
    else if (!['maxPool', 'relu', 'flatten', 'dropout'].includes(layer.type)) {
      throw refused(layer, `a ${layer.type} has none`);
    }
    before = layer.name;
  }
  const last = layers[layers.length - 1];
  if (last.type !== 'dense' && last.type !== 'conv2d')
    throw refused(last, 'the last layer must have weights');
}

function refused({ name }: Pick<LayerSpec, 'name'>, problem: string): Error {
  return integerError('INFERENCE_INTEGER', { layer: name, problem });
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
