/** Small networks, data and sessions for specs. */
import { Random } from '@espalier/base';
import type { Samples } from '@espalier/datasets';
import { checkNetwork, type NetworkSpec } from '@espalier/models';
import { tensorBytes, type Snapshot } from '@espalier/tensor';
import type { SessionOptions } from '../session/options';

/** Images of 6 x 6 with a bright bar whose place is the class: learnable in a few steps. */
export function tinySamples(count: number, { seed = 1, classes = 4, channels = 1 } = {}): Samples {
  const random = new Random(seed);
  const size = 6;
  const images = new Uint8Array(count * size * size * channels);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = random.below(classes);
    for (let at = 0; at < size * size * channels; at++) {
      const row = Math.floor(at / (size * channels));
      images[i * size * size * channels + at] = random.below(100) + (row === labels[i] ? 150 : 0);
    }
  }
  return { images, labels, count, shape: [size, size, channels] };
}

export function tinyNetwork(layers: readonly object[], { channels = 1 } = {}): NetworkSpec {
  return checkNetwork({ name: 'tiny', input: [6, 6, channels], layers });
}

export const TINY_DENSE = tinyNetwork([
  { type: 'flatten', name: 'flatten' },
  { type: 'dense', name: 'fc1', units: 12 },
  { type: 'relu', name: 'relu1' },
  { type: 'dense', name: 'fc2', units: 4 },
]);

export const TINY_CONV = tinyNetwork([
  { type: 'conv2d', name: 'conv1', filters: 4, kernel: 3 },
  { type: 'maxPool', name: 'pool1', size: 2 },
  { type: 'flatten', name: 'flatten' },
  { type: 'dense', name: 'fc1', units: 4 },
]);

export function tinyOptions(changes: Partial<SessionOptions> = {}): SessionOptions {
  return {
    network: TINY_DENSE,
    seed: 7,
    optimizer: { kind: 'sgd', momentum: 0.9 },
    learningRate: { kind: 'constant', base: 0.05 },
    batchSize: 16,
    data: { train: tinySamples(64), test: tinySamples(50, { seed: 2 }) },
    ...changes,
  };
}

/** Every tensor of a snapshot as hex, by name: equal for equal bits. */
export function bitsOf(snapshot: Snapshot): Record<string, string> {
  return Object.fromEntries(
    [...snapshot.tensors].map(([name, value]) => [name, Buffer.from(tensorBytes(value)).toString('hex')]),
  );
}
