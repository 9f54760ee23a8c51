/** The tables of the compact form of a network. They are part of format version 1 and must never change. */
import type { LayerType, NetworkSpec } from '@espalier/models';

export interface FieldCode {
  readonly name: string;
  readonly kind: 'whole' | 'real' | 'pair' | 'padding' | 'flag';
}

export interface LayerCode {
  readonly type: LayerType;
  /** Layers of this type are conventionally called by this and a running number. */
  readonly stem: string;
  readonly fields: readonly FieldCode[];
}

const pooling: readonly FieldCode[] = [
  { name: 'size', kind: 'pair' },
  { name: 'stride', kind: 'pair' },
  { name: 'padding', kind: 'padding' },
];

/** A layer's type is stored as its place in this list: the frequent ones first. */
export const LAYER_CODES: readonly LayerCode[] = [
  {
    type: 'dense',
    stem: 'fc',
    fields: [
      { name: 'units', kind: 'whole' },
      { name: 'bias', kind: 'flag' },
    ],
  },
  { type: 'relu', stem: 'relu', fields: [] },
  {
    type: 'conv2d',
    stem: 'conv',
    fields: [
      { name: 'filters', kind: 'whole' },
      { name: 'kernel', kind: 'pair' },
      { name: 'stride', kind: 'pair' },
      { name: 'padding', kind: 'padding' },
      { name: 'groups', kind: 'whole' },
      { name: 'bias', kind: 'flag' },
    ],
  },
  { type: 'maxPool', stem: 'pool', fields: pooling },
  { type: 'flatten', stem: 'flatten', fields: [] },
  { type: 'dropout', stem: 'drop', fields: [{ name: 'rate', kind: 'real' }] },
  {
    type: 'batchNorm',
    stem: 'bn',
    fields: [
      { name: 'epsilon', kind: 'real' },
      { name: 'momentum', kind: 'real' },
    ],
  },
  { type: 'averagePool', stem: 'avgpool', fields: pooling },
  { type: 'globalAveragePool', stem: 'gap', fields: [] },
  {
    type: 'localResponseNorm',
    stem: 'norm',
    fields: [
      { name: 'radius', kind: 'whole' },
      { name: 'bias', kind: 'real' },
      { name: 'alpha', kind: 'real' },
      { name: 'beta', kind: 'real' },
    ],
  },
  { type: 'add', stem: 'add', fields: [] },
  { type: 'concat', stem: 'concat', fields: [] },
];

/** `fc2`; the first flatten is just `flatten`. */
export function conventionalName(layer: LayerCode, number: number): string {
  return layer.type === 'flatten' && number === 1 ? 'flatten' : `${layer.stem}${number}`;
}

/** Shown to the text model before anything is coded. */
export const FAMILIAR_NAMES: readonly string[] = [
  'network',
  'mlp-256-128',
  'lenet-300-100',
  'lenet-5',
  'alexnet',
  'vgg-16',
  'resnet-18',
  'mobilenet',
  'squeezenet',
  'conv1_1',
  'relu1_2',
  'fc6',
];

const pair = (n: number): readonly [number, number] => [n, n];

/** Shown to the layer models: the usual order of layers, 3 x 3 kernels, halving pools, biases. */
export const EXAMPLE: NetworkSpec = {
  version: 1,
  name: 'network',
  input: [32, 32, 3],
  layers: [
    {
      type: 'conv2d',
      name: 'conv1',
      inputs: ['input'],
      filters: 16,
      kernel: pair(3),
      stride: pair(1),
      padding: 'same',
      groups: 1,
      bias: true,
    },
    { type: 'relu', name: 'relu1', inputs: ['conv1'] },
    { type: 'maxPool', name: 'pool1', inputs: ['relu1'], size: pair(2), stride: pair(2), padding: 'valid' },
    {
      type: 'conv2d',
      name: 'conv2',
      inputs: ['pool1'],
      filters: 32,
      kernel: pair(5),
      stride: pair(1),
      padding: 'valid',
      groups: 1,
      bias: true,
    },
    { type: 'maxPool', name: 'pool2', inputs: ['conv2'], size: pair(2), stride: pair(2), padding: 'valid' },
    { type: 'flatten', name: 'flatten', inputs: ['pool2'] },
    { type: 'dense', name: 'fc1', inputs: ['flatten'], units: 256, bias: true },
    { type: 'relu', name: 'relu2', inputs: ['fc1'] },
    { type: 'dropout', name: 'drop1', inputs: ['relu2'], rate: 0.5 },
    { type: 'dense', name: 'fc2', inputs: ['drop1'], units: 10, bias: true },
  ],
};
