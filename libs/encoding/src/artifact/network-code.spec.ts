import { NETWORK_NAMES, checkNetwork, networkByName, type NetworkSpec } from '@espalier/models';
import { RangeDecoder, RangeEncoder } from '../arithmetic/range-coder';
import { codeNetwork } from './network-code';
import { LAYER_CODES } from './network-tables';

function encode(network: NetworkSpec): Uint8Array {
  const coder = new RangeEncoder();
  codeNetwork(coder, network);
  return coder.finish();
}

const residual = checkNetwork({
  name: 'residual',
  input: [16, 12, 3],
  layers: [
    { type: 'conv2d', name: 'first', filters: 8, kernel: [3, 1], padding: 'same', bias: false },
    { type: 'batchNorm', name: 'norm-a', epsilon: 0.00123, momentum: 0.987 },
    { type: 'relu', name: 'act' },
    { type: 'conv2d', name: 'second', filters: 8, kernel: 3, padding: 'same', groups: 4 },
    { type: 'add', name: 'sum', inputs: ['second', 'act'] },
    { type: 'concat', name: 'both', inputs: ['sum', 'first'] },
    { type: 'localResponseNorm', name: 'lrn', alpha: 1 / 3 },
    { type: 'averagePool', name: 'pool', size: [2, 3], stride: [2, 1] },
    { type: 'globalAveragePool', name: 'gap' },
    { type: 'dropout', name: 'drop', rate: 0.25 },
    { type: 'dense', name: 'out', units: 7, bias: false },
  ],
});

describe('the compact form of a network', () => {
  it.each(NETWORK_NAMES)('gives back %s', (name) => {
    const network = networkByName(name);
    expect(codeNetwork(new RangeDecoder(encode(network)))).toEqual(network);
  });

  it('gives back branches, every layer type and numbers that are no short decimals', () => {
    expect(codeNetwork(new RangeDecoder(encode(residual)))).toEqual(residual);
    const types = new Set(LAYER_CODES.map(({ type }) => type));
    for (const layer of residual.layers) expect(types).toContain(layer.type);
  });

  it('describes the LeNets in less than 40 bytes', () => {
    expect(encode(networkByName('lenet-300-100')).length).toBeLessThan(40);
    expect(encode(networkByName('lenet-5')).length).toBeLessThan(40);
  });

  it('falls back to JSON for fields that its table does not have, and then checks them like any description', () => {
    const [first, ...others] = networkByName('lenet-5').layers;
    const later = {
      ...networkByName('lenet-5'),
      layers: [{ ...first, dilation: 2 }, ...others],
    } as NetworkSpec;
    const coder = new RangeEncoder();
    expect(() => codeNetwork(coder, later)).toThrow(/NETWORK_UNKNOWN_FIELD.*dilation/);
  });
});
