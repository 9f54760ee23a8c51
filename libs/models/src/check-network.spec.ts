import { errorCode, errorMessage } from '@espalier/base';
import * as fc from 'fast-check';
import { checkNetwork } from './check-network';
import { NETWORK_NAMES, networkByName } from './named-networks';

const dense = { type: 'dense', name: 'fc1', units: 10 };

function refusal(value: unknown): string {
  try {
    checkNetwork(value);
  } catch (error) {
    return errorMessage(error);
  }
  return 'accepted';
}

function layers(...list: readonly unknown[]): unknown {
  return { name: 'n', input: [8, 8, 2], layers: list };
}

describe('checkNetwork', () => {
  it('writes out every default', () => {
    const network = checkNetwork({
      input: [28, 28, 1],
      layers: [
        { type: 'conv2d', filters: 8, kernel: 3 },
        { type: 'maxPool', size: [2, 3] },
        { type: 'flatten' },
        { type: 'dense', units: 10 },
      ],
    });
    expect(network).toEqual({
      version: 1,
      name: 'network',
      input: [28, 28, 1],
      layers: [
        {
          type: 'conv2d',
          name: 'conv2d1',
          inputs: ['input'],
          filters: 8,
          kernel: [3, 3],
          stride: [1, 1],
          padding: 'valid',
          groups: 1,
          bias: true,
        },
        {
          type: 'maxPool',
          name: 'maxPool1',
          inputs: ['conv2d1'],
          size: [2, 3],
          stride: [2, 3],
          padding: 'valid',
        },
        { type: 'flatten', name: 'flatten1', inputs: ['maxPool1'] },
        { type: 'dense', name: 'dense1', inputs: ['flatten1'], units: 10, bias: true },
      ],
    });
  });

  it.each(NETWORK_NAMES)('gives back %s unchanged, through JSON too', (name) => {
    const network = networkByName(name);
    expect(checkNetwork(JSON.parse(JSON.stringify(network)))).toEqual(network);
  });

  it.each([
    ['no map', 7, 'NETWORK_FORM: a network: the network must be a map of fields, but it is 7.'],
    ['no layers', { input: [4] }, '"layers" must be a list of 1 to 4096 layers, but it is missing'],
    ['a newer version', { version: 2, input: [4], layers: [dense] }, '"version" must be 1, but it is 2'],
    [
      'an input of two axes',
      { input: [4, 4], layers: [dense] },
      '"input" must be [features] or [height, width, channels]',
    ],
    [
      'an unknown field',
      { inputs: [4], layers: [dense] },
      'NETWORK_UNKNOWN_FIELD: a network has no field "inputs"; did you mean "input"?',
    ],
    [
      'an unknown type',
      layers({ type: 'conv2', name: 'c' }),
      'layer "c" has the unknown type "conv2"; did you mean "conv2d"?',
    ],
    ['a type from the prototype', layers({ type: 'constructor', name: 'c' }), 'NETWORK_UNKNOWN_TYPE'],
    [
      'an unknown layer field',
      layers({ ...dense, unit: 3 }),
      'layer "fc1" (dense) has no field "unit"; did you mean "units"?',
    ],
    [
      'a missing field',
      layers({ type: 'dense', name: 'fc1' }),
      'layer "fc1" (dense) lacks the field "units", which must be a whole number from 1 to 1048576.',
    ],
    [
      'a bad value',
      layers({ ...dense, units: 1.5 }),
      '"units" must be a whole number from 1 to 1048576, but it is 1.5',
    ],
    [
      'a bad choice',
      layers({ type: 'maxPool', name: 'p', size: 2, padding: 'full' }),
      '"padding" must be "valid" or "same", but it is "full"',
    ],
    [
      'a rate of one',
      layers({ type: 'dropout', name: 'd', rate: 1 }),
      '"rate" must be a number >= 0 and < 1, but it is 1',
    ],
    ['a bad name', layers({ ...dense, name: 'fc/1' }), 'NETWORK_LAYER_NAME: layer 1 has the name "fc/1"'],
    ['the name input', layers({ ...dense, name: 'input' }), 'NETWORK_LAYER_NAME'],
    [
      'a name twice',
      layers({ type: 'flatten', name: 'fc1' }, dense),
      'NETWORK_DUPLICATE_NAME: two layers are called "fc1"',
    ],
    [
      'a later layer as input',
      layers({ type: 'flatten', name: 'f', inputs: ['fc1'] }, dense),
      'layer "f" reads from "fc1", which is no layer before it; known are input',
    ],
    [
      'one input of add',
      layers({ type: 'add', name: 's' }),
      'layer "s" (add) needs 2 or more inputs, but has 1',
    ],
    [
      'two inputs of dense',
      layers({ ...dense, inputs: ['input', 'input'] }),
      'needs exactly one input, but has 2',
    ],
    [
      'dense on an image',
      layers(dense),
      'layer "fc1" (dense) needs [features], but "input" gives [8, 8, 2]; put a flatten or globalAveragePool before it.',
    ],
    [
      'a window that does not fit',
      layers({ type: 'maxPool', name: 'p', size: 9 }),
      'needs at least 9 x 9 positions, but "input" gives [8, 8, 2]',
    ],
    [
      'groups that do not divide',
      layers({ type: 'conv2d', name: 'c', filters: 9, kernel: 1, groups: 2 }),
      'channels and filters (9) that 2 groups divide',
    ],
    [
      'a layer that nothing reads',
      layers({ type: 'flatten', name: 'f' }, { type: 'flatten', name: 'g', inputs: ['input'] }),
      'NETWORK_UNUSED_LAYER: nothing reads the output of layer "f"',
    ],
    [
      'no classes at the end',
      layers({ type: 'relu', name: 'r' }),
      'the output of the last layer must be [classes]',
    ],
  ])('refuses %s and says what to do', (_, value, message) => {
    expect(refusal(value)).toContain(message);
  });

  it('refuses unequal shapes in add and concat, naming the input', () => {
    const branch = (type: string, other: number): unknown =>
      layers(
        { type: 'conv2d', name: 'a', filters: 2, kernel: 3 },
        { type: 'conv2d', name: 'b', filters: 2, kernel: other, inputs: ['input'] },
        { type, name: 'join', inputs: ['a', 'b'] },
        { type: 'globalAveragePool', name: 'mean' },
      );
    expect(refusal(branch('add', 3))).toBe('accepted');
    expect(refusal(branch('add', 1))).toContain(
      'layer "join" (add) needs [6, 6, 2] from each input, but "b" gives [8, 8, 2]',
    );
    expect(refusal(branch('concat', 1))).toContain('NETWORK_SHAPE');
  });

  it('answers any JSON with a network or a NETWORK error', () => {
    const layer = fc.record(
      {
        type: fc.constantFrom('dense', 'conv2d', 'maxPool', 'flatten', 'relu', 'add', 'concat', 'x'),
        name: fc.oneof(fc.string(), fc.constantFrom('a', 'b', 'c')),
        inputs: fc.oneof(fc.jsonValue(), fc.array(fc.constantFrom('a', 'b', 'input'))),
        units: fc.oneof(fc.jsonValue(), fc.nat()),
        filters: fc.nat(),
        kernel: fc.oneof(fc.nat(5), fc.array(fc.nat(5))),
        size: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record({
        input: fc.oneof(fc.jsonValue(), fc.array(fc.nat(9))),
        layers: fc.array(fc.oneof(layer, fc.jsonValue())),
      }),
    );
    fc.assert(
      fc.property(value, (candidate) => {
        try {
          const network = checkNetwork(candidate);
          expect(checkNetwork(network)).toEqual(network);
        } catch (error) {
          expect(errorCode(error)).toMatch(/^NETWORK_/);
        }
      }),
    );
  });
});
