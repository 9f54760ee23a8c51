import { checkNetwork } from './check-network';
import { consumersOf, requireLayer, unitChains } from './layer-graph';
import { networkByName } from './named-networks';

describe('unitChains', () => {
  it('follows the filters of LeNet-5 through pooling and the flatten', () => {
    const chains = unitChains(networkByName('lenet-5'));
    const summary = chains.map(({ layer, units, readers, blockedBy }) => ({
      layer: layer.name,
      units,
      readers: readers.map((reader) => [
        reader.layer.name,
        reader.positions,
        reader.through.map(({ name }) => name).join(' '),
      ]),
      blockedBy: blockedBy?.layer,
    }));
    expect(summary).toEqual([
      { layer: 'conv1', units: 20, readers: [['conv2', 1, 'pool1']], blockedBy: undefined },
      { layer: 'conv2', units: 50, readers: [['fc1', 16, 'pool2 flatten']], blockedBy: undefined },
      { layer: 'fc1', units: 500, readers: [['fc2', 1, 'relu1']], blockedBy: undefined },
      { layer: 'fc2', units: 10, readers: [], blockedBy: 'fc2' },
    ]);
  });

  it('stops at groups and at normalisation across channels', () => {
    const blocked = new Map(
      unitChains(networkByName('alexnet')).map((chain) => [chain.layer.name, chain.blockedBy?.layer]),
    );
    expect(Object.fromEntries(blocked)).toEqual({
      conv1: 'norm1',
      conv2: 'conv2',
      conv3: 'conv4',
      conv4: 'conv4',
      conv5: 'conv5',
      fc1: undefined,
      fc2: undefined,
      fc3: 'fc3',
    });
  });

  it('finds every reader of a branch, and stops where branches are joined', () => {
    const network = checkNetwork({
      input: [8, 8, 3],
      layers: [
        { type: 'conv2d', name: 'stem', filters: 4, kernel: 3, padding: 'same' },
        { type: 'relu', name: 'relu' },
        { type: 'conv2d', name: 'left', filters: 4, kernel: 1 },
        { type: 'conv2d', name: 'right', filters: 4, kernel: 1, inputs: ['relu'] },
        { type: 'add', name: 'sum', inputs: ['left', 'right'] },
        { type: 'globalAveragePool', name: 'mean' },
        { type: 'dense', name: 'out', units: 2 },
      ],
    });
    const chains = new Map(unitChains(network).map((chain) => [chain.layer.name, chain]));
    expect(chains.get('stem')?.readers.map((reader) => reader.layer.name)).toEqual(['left', 'right']);
    expect(chains.get('stem')?.blockedBy).toBeUndefined();
    expect(chains.get('left')?.blockedBy?.layer).toBe('sum');
    expect(chains.get('out')?.blockedBy?.reason).toBe('it is the output of the network');
  });
});

describe('consumersOf', () => {
  it('lists the readers of each layer and of the input', () => {
    const consumers = consumersOf(networkByName('lenet-300-100'));
    expect(consumers.get('input')?.map(({ name }) => name)).toEqual(['flatten']);
    expect(consumers.get('fc3')).toEqual([]);
  });
});

describe('requireLayer', () => {
  it('names the nearest layer when there is none of that name', () => {
    const network = networkByName('lenet-5');
    expect(requireLayer(network, 'conv2').type).toBe('conv2d');
    expect(() => requireLayer(network, 'fc_1')).toThrow(
      'the network "lenet-5" has no layer "fc_1"; did you mean "fc1"?',
    );
  });
});
