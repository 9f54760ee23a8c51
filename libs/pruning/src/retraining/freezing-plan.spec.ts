import { checkNetwork, networkByName } from '@espalier/models';
import { alternatingFreezing } from './freezing-plan';

describe('alternatingFreezing', () => {
  it('retrains the fully connected layers with the convolutions fixed, then the other way round', () => {
    expect(alternatingFreezing(networkByName('lenet-5'), 3)).toEqual([
      { frozen: ['conv1', 'conv2'] },
      { frozen: ['fc1', 'fc2'] },
      { frozen: ['conv1', 'conv2'] },
    ]);
  });

  it('freezes nothing in a network of one kind', () => {
    expect(alternatingFreezing(networkByName('lenet-300-100'), 1)).toEqual([{ frozen: [] }]);
  });

  it('counts batch norm on an image to the convolutions', () => {
    const network = checkNetwork({
      input: [4, 4, 1],
      layers: [
        { type: 'conv2d', name: 'conv', filters: 2, kernel: 3 },
        { type: 'batchNorm', name: 'bn1' },
        { type: 'flatten', name: 'flat' },
        { type: 'dense', name: 'fc', units: 4 },
        { type: 'batchNorm', name: 'bn2' },
      ],
    });
    expect(alternatingFreezing(network, 2).map(({ frozen }) => frozen)).toEqual([
      ['conv', 'bn1'],
      ['fc', 'bn2'],
    ]);
  });
});
