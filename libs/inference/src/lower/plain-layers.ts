/** Layers that cost little, as loops over the same memory: no kernel of their own is worth its bytes. */
import type { BatchNormLayer, LocalResponseNormLayer } from '@espalier/models';
import type { Fused, Target } from './steps';
import { reserveImage, reserveVector, type ImageValue, type Value, type VectorValue } from './values';

/** y = f(x_1, x_2, ...) for numbers that stand at the same place; `channel` is the last axis. */
type PointFunction = (values: readonly number[], channel: number) => number;

export function lowerPointwise(
  name: string,
  inputs: readonly Value[],
  target: Target,
  f: PointFunction,
): Value {
  const [first] = inputs;
  if (first.kind === 'vector') return pointwiseVector(name, inputs as VectorValue[], target, f);
  const images = inputs as ImageValue[];
  const output = reserveImage(target.arena, sizeOf(first));
  const values = new Array<number>(images.length);
  target.steps.push({
    on: 'image',
    layer: name,
    script(memory) {
      for (let c = 0; c < output.channels; c++) {
        for (let y = 0; y < output.height; y++) {
          const to = rowAt(output, c, y);
          const from = images.map((image) => rowAt(image, c, y));
          for (let x = 0; x < output.width; x++) {
            for (let i = 0; i < from.length; i++) values[i] = memory[from[i] + x];
            memory[to + x] = f(values, c);
          }
        }
      }
    },
  });
  return output;
}

function pointwiseVector(
  name: string,
  inputs: readonly VectorValue[],
  { arena, steps, passes }: Target,
  f: PointFunction,
): VectorValue {
  const output = reserveVector(arena, inputs[0].features, passes);
  const values = new Array<number>(inputs.length);
  steps.push({
    on: 'vector',
    layer: name,
    script(memory, pass) {
      const samples = passes[pass];
      const to = output.at[pass] / 4;
      const from = inputs.map((input) => input.at[pass] / 4);
      for (let at = 0; at < output.features * samples; at++) {
        for (let i = 0; i < from.length; i++) values[i] = memory[from[i] + at];
        memory[to + at] = f(values, Math.floor(at / samples));
      }
    },
  });
  return output;
}

/** With its moving statistics a batch norm is one factor and one summand a channel. */
export function lowerBatchNorm({ layer, relu }: Fused<BatchNormLayer>, input: Value, target: Target): Value {
  const own = (role: string): Float32Array => target.parameter(`${layer.name}/${role}`);
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'movingMean', 'movingVariance'].map(own);
  const factor = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c] + layer.epsilon));
  const summand = Float64Array.from(beta, (value, c) => value - mean[c] * factor[c]);
  return lowerPointwise(layer.name, [input], target, ([x], c) => {
    const y = x * factor[c] + summand[c];
    return relu && y < 0 ? 0 : y;
  });
}

export function lowerLocalResponseNorm(
  layer: LocalResponseNormLayer,
  input: ImageValue,
  { arena, steps }: Target,
): ImageValue {
  const output = reserveImage(arena, sizeOf(input));
  const { radius, bias, alpha, beta } = layer;
  // AlexNet's exponent, by two square roots: a power takes ten times as long.
  const power = beta === 0.75 ? (s: number) => Math.sqrt(s * Math.sqrt(s)) : (s: number) => Math.pow(s, beta);
  const sums = new Float64Array(input.width);
  steps.push({
    on: 'image',
    layer: layer.name,
    script(memory) {
      for (let y = 0; y < input.height; y++) {
        sums.fill(0);
        const addSquares = (c: number, sign: 1 | -1): void => {
          if (c < 0 || c >= input.channels) return;
          const at = rowAt(input, c, y);
          for (let x = 0; x < input.width; x++) sums[x] += sign * memory[at + x] * memory[at + x];
        };
        for (let c = 0; c < radius; c++) addSquares(c, 1);
        for (let c = 0; c < input.channels; c++) {
          addSquares(c + radius, 1);
          addSquares(c - radius - 1, -1);
          const from = rowAt(input, c, y);
          const to = rowAt(output, c, y);
          // A sum that was taken apart again may be a little below 0.
          for (let x = 0; x < input.width; x++) {
            memory[to + x] = memory[from + x] / power(bias + alpha * Math.max(0, sums[x]));
          }
        }
      }
    },
  });
  return output;
}

export function lowerConcat(name: string, inputs: readonly Value[], target: Target): Value {
  const { arena, steps, passes } = target;
  const [first] = inputs;
  if (first.kind === 'vector') {
    const vectors = inputs as VectorValue[];
    const output = reserveVector(
      arena,
      vectors.reduce((sum, { features }) => sum + features, 0),
      passes,
    );
    steps.push({
      on: 'vector',
      layer: name,
      script(memory, pass) {
        let to = output.at[pass] / 4;
        for (const { at, features } of vectors) {
          const from = at[pass] / 4;
          const length = features * passes[pass];
          memory.copyWithin(to, from, from + length);
          to += length;
        }
      },
    });
    return output;
  }
  const images = inputs as ImageValue[];
  const channels = images.reduce((sum, image) => sum + image.channels, 0);
  const output = reserveImage(arena, { ...sizeOf(first), channels });
  steps.push({
    on: 'image',
    layer: name,
    script(memory) {
      let channel = 0;
      for (const image of images) {
        for (let c = 0; c < image.channels; c++, channel++) {
          for (let y = 0; y < image.height; y++) {
            const from = rowAt(image, c, y);
            memory.copyWithin(rowAt(output, channel, y), from, from + image.width);
          }
        }
      }
    },
  });
  return output;
}

/** Features in the order of the network's description: row, column, channel. */
export function lowerFlatten(name: string, input: ImageValue, { arena, steps, passes }: Target): VectorValue {
  const { channels, height, width } = input;
  const output = reserveVector(arena, channels * height * width, passes);
  const whole = channels === 1 && input.row === width;
  const from = new Int32Array(output.features);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++, i++) from[i] = rowAt(input, c, y) + x;
    }
  }
  steps.push({
    on: 'image',
    layer: name,
    script(memory, { pass, sample }) {
      const samples = passes[pass];
      if (whole && samples === 1) return;
      const to = output.at[pass] / 4 + sample;
      if (samples === 1) for (let i = 0; i < from.length; i++) memory[to + i] = memory[from[i]];
      else for (let i = 0, at = to; i < from.length; i++, at += samples) memory[at] = memory[from[i]];
    },
  });
  if (!whole) return output;
  // A single plane without gaps is its own flattened form when samples come one at a time.
  return { ...output, at: output.at.map((at, pass) => (passes[pass] === 1 ? input.at : at)) };
}

export function lowerGlobalAverage(
  name: string,
  input: ImageValue,
  { arena, steps, passes }: Target,
): VectorValue {
  const output = reserveVector(arena, input.channels, passes);
  steps.push({
    on: 'image',
    layer: name,
    script(memory, { pass, sample }) {
      for (let c = 0; c < input.channels; c++) {
        let sum = 0;
        for (let y = 0; y < input.height; y++) {
          const from = rowAt(input, c, y);
          for (let x = 0; x < input.width; x++) sum += memory[from + x];
        }
        memory[output.at[pass] / 4 + c * passes[pass] + sample] = sum / (input.height * input.width);
      }
    },
  });
  return output;
}

function sizeOf({ channels, height, width }: ImageValue): Pick<ImageValue, 'channels' | 'height' | 'width'> {
  return { channels, height, width };
}

/** Of the memory as float32. */
function rowAt({ at, plane, row }: ImageValue, channel: number, y: number): number {
  return at / 4 + channel * plane + y * row;
}
