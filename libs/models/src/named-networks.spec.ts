import { sizeOf } from '@espalier/tensor';
import { NETWORK_NAMES, networkByName } from './named-networks';
import { connectionsOf, parametersOf } from './shapes';

/** Thousands of weights and thousands of FLOP (twice the connections) as HAN15's tables 2 to 5 print them. */
const PUBLISHED: Readonly<
  Record<string, readonly (readonly [layer: string, weightsK: number, flopK: number])[]>
> = {
  'lenet-300-100': [
    ['fc1', 235, 470],
    ['fc2', 30, 60],
    ['fc3', 1, 2],
  ],
  'lenet-5': [
    ['conv1', 0.5, 576],
    ['conv2', 25, 3200],
    ['fc1', 400, 800],
    ['fc2', 5, 10],
  ],
  alexnet: [
    ['conv1', 35, 211e3],
    ['conv2', 307, 448e3],
    ['conv3', 885, 299e3],
    ['conv4', 663, 224e3],
    ['conv5', 442, 150e3],
    ['fc1', 38e3, 75e3],
    ['fc2', 17e3, 34e3],
    ['fc3', 4e3, 8e3],
  ],
  'vgg-16': [
    ['conv1_1', 2, 0.2e6],
    ['conv1_2', 37, 3.7e6],
    ['conv2_1', 74, 1.8e6],
    ['conv2_2', 148, 3.7e6],
    ['conv3_1', 295, 1.8e6],
    ['conv3_2', 590, 3.7e6],
    ['conv3_3', 590, 3.7e6],
    ['conv4_1', 1e3, 1.8e6],
    ['conv4_2', 2e3, 3.7e6],
    ['conv4_3', 2e3, 3.7e6],
    ['conv5_1', 2e3, 925e3],
    ['conv5_2', 2e3, 925e3],
    ['conv5_3', 2e3, 925e3],
    ['fc6', 103e3, 206e3],
    ['fc7', 17e3, 34e3],
    ['fc8', 4e3, 8e3],
  ],
};

const TOTAL_PARAMETERS = {
  'lenet-300-100': 266_610,
  'lenet-5': 431_080,
  alexnet: 60_965_224,
  'vgg-16': 138_357_544,
} as const;

describe('networkByName', () => {
  it('knows exactly the networks whose published sizes are tested here', () => {
    expect([...NETWORK_NAMES].sort()).toEqual(Object.keys(PUBLISHED).sort());
  });

  it.each(Object.entries(TOTAL_PARAMETERS))('%s has %d parameters', (name, total) => {
    const count = parametersOf(networkByName(name)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    expect(count).toBe(total);
  });

  it.each(Object.entries(PUBLISHED))('%s has the weights and FLOP per layer of the paper', (name, rows) => {
    const network = networkByName(name);
    const kernels = parametersOf(network).filter(({ role }) => role === 'kernel');
    const connections = connectionsOf(network);
    expect(kernels.map(({ layer }) => layer)).toEqual(rows.map(([layer]) => layer));
    rows.forEach(([layer, weightsK, flopK], i) => {
      const weights = sizeOf(kernels[i].shape);
      // The paper rounds to its units: half of the last printed digit is allowed, 1/2 K at least.
      expect(Math.abs(weights / 1000 - weightsK)).toBeLessThanOrEqual(Math.max(1, weightsK * 0.2));
      expect(Math.abs((2 * (connections.get(layer) as number)) / 1000 - flopK)).toBeLessThanOrEqual(
        flopK * 0.15,
      );
    });
  });

  it.each([
    ['conv1', 34_848],
    ['conv2', 307_200],
    ['conv3', 884_736],
    ['conv4', 663_552],
    ['conv5', 442_368],
    ['fc1', 37_748_736],
    ['fc2', 16_777_216],
    ['fc3', 4_096_000],
  ])('alexnet %s has %d weights', (layer, weights) => {
    const kernel = parametersOf(networkByName('alexnet')).find(({ name }) => name === `${layer}/kernel`);
    expect(sizeOf(kernel?.shape ?? [])).toBe(weights);
  });

  it('names the nearest network when there is none of that name', () => {
    expect(() => networkByName('lenet5')).toThrow(
      'NETWORK_UNKNOWN_NAME: there is no network called "lenet5"; did you mean "lenet-5"?',
    );
  });
});
