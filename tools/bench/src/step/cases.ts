/** What the bench `step` trains. */
import { Random } from '@espalier/base';
import { readMnist, sliceSamples, type Samples } from '@espalier/datasets';
import { sizeOf } from '@espalier/tensor';

/** Ours, PyTorch without and with masks, TensorFlow.js as one writes it; and our own program by TensorFlow in one call, and op by op. */
export const PEERS = [
  'espalier',
  'torch',
  'torch-masked',
  'tfjs',
  'espalier-graph',
  'espalier-eager',
] as const;
export type StepPeerName = (typeof PEERS)[number];

export interface StepCase {
  readonly name: string;
  readonly network: string;
  readonly batch: number;
  /** Seconds of one turn. */
  readonly seconds: number;
  readonly peers: readonly StepPeerName[];
  /** Share of the weights that the masks keep, by layer: HAN15's. */
  readonly keep: Readonly<Record<string, number>>;
  readonly learningRate: number;
  samples(): Samples;
}

export const CASES: readonly StepCase[] = [
  {
    name: 'LeNet-300-100',
    network: 'lenet-300-100',
    batch: 128,
    seconds: 0.5,
    peers: PEERS,
    // Table 2.
    keep: { fc1: 0.08, fc2: 0.09, fc3: 0.26 },
    learningRate: 0.05,
    samples: () => readMnist().train,
  },
  {
    name: 'LeNet-5',
    network: 'lenet-5',
    batch: 64,
    seconds: 1,
    peers: PEERS,
    // Table 3.
    keep: { conv1: 0.66, conv2: 0.12, fc1: 0.08, fc2: 0.19 },
    learningRate: 0.01,
    samples: () => readMnist().train,
  },
  {
    name: 'AlexNet',
    network: 'alexnet',
    batch: 32,
    seconds: 2,
    peers: ['espalier', 'torch', 'torch-masked'],
    // Table 4.
    keep: {
      ...{ conv1: 0.84, conv2: 0.38, conv3: 0.35, conv4: 0.37, conv5: 0.37 },
      ...{ fc6: 0.09, fc7: 0.09, fc8: 0.25 },
    },
    learningRate: 1e-3,
    samples: () => noise([227, 227, 3], 64),
  },
];

/** Few samples, for a look at whether everything runs. */
export function quickCase(item: StepCase): StepCase {
  const samples = (): Samples => {
    const all = item.samples();
    return sliceSamples(all, 0, Math.min(all.count, 2000));
  };
  return { ...item, seconds: item.seconds / 10, samples };
}

/** Images without content: what a step costs does not depend on it. */
function noise(shape: Samples['shape'], count: number): Samples {
  const random = new Random(1);
  const images = Uint8Array.from({ length: count * sizeOf(shape) }, () => random.uint32() >>> 24);
  const labels = Uint8Array.from({ length: count }, () => random.below(256));
  return { images, labels, count, shape };
}
