import { Random } from '@espalier/base';
import { checkNetwork } from '@espalier/models';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors } from '../safetensors';
import type { ArtifactTensor, PluginTensor } from './artifact-tensor';
import { CODINGS } from './coding-names';
import { decodeArtifact, pluginTensorsOf } from './decode-artifact';
import { encodeArtifact, type ArtifactInput } from './encode-artifact';

/** One file of each format version, made once and read for ever. Never replace one: a new version adds its own. */
const GOLDEN = join(__dirname, '../../../../test/golden');

const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(GOLDEN, name)));

/** Every coding once; the numbers are exact on every machine (quarters and sixteenths). */
function goldenInput(): ArtifactInput {
  const random = new Random(2026);
  const network = checkNetwork({
    name: 'golden',
    input: [12, 12, 1],
    layers: [
      { type: 'conv2d', name: 'conv1', filters: 4, kernel: 3 },
      { type: 'batchNorm', name: 'norm-1' },
      { type: 'relu' },
      { type: 'maxPool', size: 2 },
      { type: 'flatten' },
      { type: 'dense', name: 'fc1', units: 20 },
      { type: 'dense', name: 'fc2', units: 5 },
      { type: 'dense', name: 'fc3', units: 3, bias: false },
    ],
  });
  const quarters = (size: number): Float32Array =>
    Float32Array.from({ length: size }, () => (random.below(64) - 32) / 16);
  const sparse = (size: number, keep: number, levels: number): Uint16Array =>
    Uint16Array.from({ length: size }, () => (random.below(100) < keep ? 1 + random.below(levels) : 0));
  const tensors: ArtifactTensor[] = [
    {
      kind: 'shared',
      name: 'conv1/kernel',
      shape: [3, 3, 1, 4],
      codes: sparse(36, 60, 4),
      codebook: Float32Array.of(-1, -0.25, 0.5, 2),
      codings: ['huffman-index'],
    },
    { kind: 'dense', name: 'conv1/bias', shape: [4], values: quarters(4), precision: 'float16' },
    ...['gamma', 'beta', 'movingMean', 'movingVariance'].map((role): ArtifactTensor => ({
      kind: 'dense',
      name: `norm-1/${role}`,
      shape: [4],
      values: quarters(4),
    })),
    {
      kind: 'shared',
      name: 'fc1/kernel',
      shape: [100, 20],
      codes: sparse(2000, 10, 6),
      codebook: Float32Array.of(-3, -1, -0.5, 0.375, 1, 4),
    },
    {
      kind: 'dense',
      name: 'fc1/bias',
      shape: [20],
      values: quarters(20),
      precision: { bits: 6, step: 0.0625 },
    },
    { kind: 'sparse', name: 'fc2/kernel', shape: [20, 5], values: quarters(100).map((v) => (v < 1 ? 0 : v)) },
    {
      kind: 'dense',
      name: 'fc2/bias',
      shape: [5],
      values: quarters(5),
      precision: { bits: 6, step: 0.0625 },
    },
    {
      kind: 'shared',
      name: 'fc3/kernel',
      shape: [5, 3],
      codes: new Uint16Array(15),
      codebook: new Float32Array(0),
    },
  ];
  return { network, tensors };
}

/** Of version 3: two kernels of one plugin, one of another, and one that no plugin made. */
function pluginInput(): ArtifactInput & { readonly coded: readonly PluginTensor[] } {
  const { network, tensors } = goldenInput();
  const byPlugin = (
    name: string,
    plugin: string,
    options: PluginTensor['codec']['options'],
  ): PluginTensor => {
    const { shape } = tensors.find((tensor) => tensor.name === name) as ArtifactTensor;
    const size = shape.reduce((product, axis) => product * axis, 1);
    return {
      kind: 'plugin',
      name,
      shape,
      codec: { plugin, version: '1.2.0', digest: '0f'.repeat(32), codec: 'thirds', options },
      bytes: Uint8Array.from({ length: 7 }, (_, i) => 40 * i),
      values: Float32Array.from({ length: size }, (_, i) => (i % 3) / 4),
    };
  };
  const coded = [
    byPlugin('conv1/kernel', '@a/one', { level: 3, exact: true, how: 'fast' }),
    byPlugin('fc1/kernel', 'two', {}),
    byPlugin('fc3/kernel', '@a/one', { level: 3, exact: true, how: 'fast' }),
  ];
  const mixed = tensors.map((tensor) => coded.find(({ name }) => name === tensor.name) ?? tensor);
  return { network, tensors: mixed, coded };
}

describe('golden artifacts', () => {
  it.each([1, 2, 4])('version %i decodes to the weights that were put in, in every coding', (version) => {
    const expected = decodeSafetensors(read('artifact-v1.safetensors')).tensors;
    const { network, tensors, summaries } = decodeArtifact(read(`artifact-v${version}.espalier`));
    expect(network).toEqual(goldenInput().network);
    expect([...tensors]).toEqual([...expected]);
    expect(new Set(summaries.map(({ coding }) => coding))).toEqual(new Set(CODINGS));
  });

  it('version 3 carries tensors of plugins beside ours', () => {
    const { coded } = pluginInput();
    const bytes = read('artifact-v3.espalier');
    const found = pluginTensorsOf(bytes);
    expect(found).toEqual(
      coded.map(({ name, shape, codec, bytes: stream }) => ({ name, shape, codec, bytes: stream })),
    );
    const byPlugins = new Map(coded.map(({ name, values }) => [name, values]));
    const { tensors, version } = decodeArtifact(bytes, undefined, byPlugins);
    expect(version).toBe(3);
    const expected = decodeSafetensors(read('artifact-v1.safetensors')).tensors;
    for (const [name, { data }] of tensors) {
      expect([name, data]).toEqual([name, byPlugins.get(name) ?? expected.get(name)?.data]);
    }
  });

  it('the same tensors give the same bytes on every machine', () => {
    // Unlike the file, this may change: when the encoder finds something shorter in the same format.
    expect(encodeArtifact(goldenInput()).bytes).toEqual(read('artifact-v4.espalier'));
  });
});
