import { checkNetwork } from './check-network';
import { networkByName } from './named-networks';
import { connectionsOf, inferShapes, parametersOf, windowCount } from './shapes';

describe('inferShapes', () => {
  it('follows LeNet-5 from the image to the logits', () => {
    expect([...inferShapes(networkByName('lenet-5'))]).toEqual([
      ['input', [28, 28, 1]],
      ['conv1', [24, 24, 20]],
      ['pool1', [12, 12, 20]],
      ['conv2', [8, 8, 50]],
      ['pool2', [4, 4, 50]],
      ['flatten', [800]],
      ['fc1', [500]],
      ['relu1', [500]],
      ['fc2', [10]],
    ]);
  });

  it('gives AlexNet the 6 x 6 x 256 features that its first dense layer needs', () => {
    const shapes = inferShapes(networkByName('alexnet'));
    expect(shapes.get('conv1')).toEqual([55, 55, 96]);
    expect(shapes.get('pool5')).toEqual([6, 6, 256]);
    expect(shapes.get('flatten')).toEqual([9216]);
  });

  it('counts windows like a loop over their positions', () => {
    for (let size = 1; size < 12; size++) {
      for (let window = 1; window <= size; window++) {
        for (let stride = 1; stride < 4; stride++) {
          let valid = 0;
          for (let at = 0; at + window <= size; at += stride) valid++;
          let same = 0;
          for (let at = 0; at < size; at += stride) same++;
          expect(windowCount(size, window, stride, 'valid')).toBe(valid);
          expect(windowCount(size, window, stride, 'same')).toBe(same);
        }
      }
    }
  });

  it('joins channels in concat and keeps the shape in add', () => {
    const network = checkNetwork({
      input: [8, 8, 3],
      layers: [
        { type: 'conv2d', name: 'a', filters: 4, kernel: 3, padding: 'same' },
        { type: 'conv2d', name: 'b', filters: 4, kernel: 1, inputs: ['input'] },
        { type: 'add', name: 'sum', inputs: ['a', 'b'] },
        { type: 'concat', name: 'both', inputs: ['sum', 'input'] },
        { type: 'globalAveragePool', name: 'mean' },
        { type: 'dense', name: 'out', units: 2 },
      ],
    });
    const shapes = inferShapes(network);
    expect(shapes.get('sum')).toEqual([8, 8, 4]);
    expect(shapes.get('both')).toEqual([8, 8, 7]);
    expect(shapes.get('mean')).toEqual([7]);
  });
});

describe('parametersOf', () => {
  it('gives kernels by their layout, and the input channels of one group only', () => {
    const parameters = parametersOf(networkByName('alexnet'));
    expect(parameters.slice(0, 4)).toEqual([
      {
        name: 'conv1/kernel',
        layer: 'conv1',
        role: 'kernel',
        shape: [11, 11, 3, 96],
        prunable: true,
        trainable: true,
      },
      { name: 'conv1/bias', layer: 'conv1', role: 'bias', shape: [96], prunable: false, trainable: true },
      {
        name: 'conv2/kernel',
        layer: 'conv2',
        role: 'kernel',
        shape: [5, 5, 48, 256],
        prunable: true,
        trainable: true,
      },
      { name: 'conv2/bias', layer: 'conv2', role: 'bias', shape: [256], prunable: false, trainable: true },
    ]);
  });

  it('gives batch norm four vectors, of which the moving ones are not trained', () => {
    const network = checkNetwork({
      input: [5],
      layers: [
        { type: 'batchNorm', name: 'bn1' },
        { type: 'dense', name: 'out', units: 2, bias: false },
      ],
    });
    expect(parametersOf(network).map(({ name, shape, trainable }) => [name, shape, trainable])).toEqual([
      ['bn1/gamma', [5], true],
      ['bn1/beta', [5], true],
      ['bn1/movingMean', [5], false],
      ['bn1/movingVariance', [5], false],
      ['out/kernel', [5, 2], true],
    ]);
  });
});

describe('connectionsOf', () => {
  it('multiplies the widths of dense layers, and the positions of convolutions', () => {
    expect([...connectionsOf(networkByName('lenet-5'))]).toEqual([
      ['conv1', 24 * 24 * 500],
      ['conv2', 8 * 8 * 25_000],
      ['fc1', 800 * 500],
      ['fc2', 5_000],
    ]);
  });
});
