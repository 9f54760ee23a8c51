/** Networks by name, with exactly the published layer sizes; layers are called as in HAN15's tables. */
import { suggestion } from '@espalier/base';
import { checkNetwork } from './check-network';
import { networkError } from './errors';
import type { NetworkSpec } from './network';

type Layers = readonly Readonly<Record<string, unknown>>[];

/** 784-300-100-10 with ReLU (HAN15 section 4.1): 266,610 parameters. */
const lenet300100 = {
  name: 'lenet-300-100',
  input: [28, 28, 1],
  layers: [
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'fc1', units: 300 },
    { type: 'relu', name: 'relu1' },
    { type: 'dense', name: 'fc2', units: 100 },
    { type: 'relu', name: 'relu2' },
    { type: 'dense', name: 'fc3', units: 10 },
  ],
};

/** Caffe's LeNet-5: no padding, no activation after the convolutions; 431,080 parameters. */
const lenet5 = {
  name: 'lenet-5',
  input: [28, 28, 1],
  layers: [
    { type: 'conv2d', name: 'conv1', filters: 20, kernel: 5 },
    { type: 'maxPool', name: 'pool1', size: 2 },
    { type: 'conv2d', name: 'conv2', filters: 50, kernel: 5 },
    { type: 'maxPool', name: 'pool2', size: 2 },
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'fc1', units: 500 },
    { type: 'relu', name: 'relu1' },
    { type: 'dense', name: 'fc2', units: 10 },
  ],
};

/** Caffe's AlexNet: normalisation before pooling, two groups in conv2, conv4 and conv5; 60,965,224 parameters. */
const alexnet = {
  name: 'alexnet',
  input: [227, 227, 3],
  layers: [
    { type: 'conv2d', name: 'conv1', filters: 96, kernel: 11, stride: 4 },
    { type: 'relu', name: 'relu1' },
    { type: 'localResponseNorm', name: 'norm1' },
    { type: 'maxPool', name: 'pool1', size: 3, stride: 2 },
    { type: 'conv2d', name: 'conv2', filters: 256, kernel: 5, padding: 'same', groups: 2 },
    { type: 'relu', name: 'relu2' },
    { type: 'localResponseNorm', name: 'norm2' },
    { type: 'maxPool', name: 'pool2', size: 3, stride: 2 },
    { type: 'conv2d', name: 'conv3', filters: 384, kernel: 3, padding: 'same' },
    { type: 'relu', name: 'relu3' },
    { type: 'conv2d', name: 'conv4', filters: 384, kernel: 3, padding: 'same', groups: 2 },
    { type: 'relu', name: 'relu4' },
    { type: 'conv2d', name: 'conv5', filters: 256, kernel: 3, padding: 'same', groups: 2 },
    { type: 'relu', name: 'relu5' },
    { type: 'maxPool', name: 'pool5', size: 3, stride: 2 },
    { type: 'flatten', name: 'flatten' },
    ...classifier(['fc1', 'fc2', 'fc3']),
  ],
};

/** VGG-16 (Simonyan & Zisserman 2015, configuration D): 138,357,544 parameters. */
const vgg16 = {
  name: 'vgg-16',
  input: [224, 224, 3],
  layers: [
    ...[
      [64, 64],
      [128, 128],
      [256, 256, 256],
      [512, 512, 512],
      [512, 512, 512],
    ].flatMap((filters, block): Layers => [
      ...filters.flatMap((count, i): Layers => [
        { type: 'conv2d', name: `conv${block + 1}_${i + 1}`, filters: count, kernel: 3, padding: 'same' },
        { type: 'relu', name: `relu${block + 1}_${i + 1}` },
      ]),
      { type: 'maxPool', name: `pool${block + 1}`, size: 2 },
    ]),
    { type: 'flatten', name: 'flatten' },
    ...classifier(['fc6', 'fc7', 'fc8']),
  ],
};

const DESCRIPTIONS: Readonly<Record<string, unknown>> = {
  'lenet-300-100': lenet300100,
  'lenet-5': lenet5,
  alexnet,
  'vgg-16': vgg16,
};

export const NETWORK_NAMES: readonly string[] = Object.keys(DESCRIPTIONS);

/** The network of that name; throws NETWORK_UNKNOWN_NAME. */
export function networkByName(name: string): NetworkSpec {
  if (!Object.hasOwn(DESCRIPTIONS, name)) {
    throw networkError('NETWORK_UNKNOWN_NAME', { name, suggestion: suggestion(name, NETWORK_NAMES) });
  }
  return checkNetwork(DESCRIPTIONS[name]);
}

/** 4096-4096-1000 with dropout of one half, as in AlexNet and VGG-16. */
function classifier([first, second, third]: readonly [string, string, string]): Layers {
  return [
    ...[first, second].flatMap((name): Layers => [
      { type: 'dense', name, units: 4096 },
      { type: 'relu', name: name.replace('fc', 'relu_fc') },
      { type: 'dropout', name: name.replace('fc', 'drop_fc'), rate: 0.5 },
    ]),
    { type: 'dense', name: third, units: 1000 },
  ];
}
