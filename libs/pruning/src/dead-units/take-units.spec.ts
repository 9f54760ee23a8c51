import { Random } from '@espalier/base';
import { checkNetwork, parametersOf, type NetworkSpec } from '@espalier/models';
import { Mask, TENSOR_SUFFIXES, float32, sizeOf, type Tensor } from '@espalier/tensor';
import { forward } from './forward.oracle';
import { networkWithUnits, takeUnits } from './take-units';

const network = checkNetwork({
  name: 'net',
  input: [6, 6, 2],
  layers: [
    { type: 'conv2d', name: 'conv1', filters: 4, kernel: 3, padding: 'same' },
    { type: 'batchNorm', name: 'bn1' },
    { type: 'relu', name: 'relu1' },
    { type: 'conv2d', name: 'conv2', filters: 3, kernel: 2 },
    { type: 'flatten', name: 'flat' },
    { type: 'dense', name: 'fc1', units: 5 },
    { type: 'relu', name: 'relu2' },
    { type: 'dense', name: 'fc2', units: 3 },
  ],
});
const keptUnits = new Map([
  ['conv1', Uint32Array.of(3, 0)],
  ['conv2', Uint32Array.of(2)],
  ['fc1', Uint32Array.of(0, 1, 4)],
]);

function randomTensors(of: NetworkSpec): Map<string, Tensor> {
  const random = new Random(1);
  return new Map(
    parametersOf(of).map(({ name, role, shape }) => {
      const data = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
      return [name, float32(shape, role === 'movingVariance' ? data.map((v) => v * v + 0.1) : data)];
    }),
  );
}

/** The same tensors with all that reads the output of other units at 0. */
function silenced(tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const result = new Map(tensors);
  for (const [reader, units, kept] of [
    ['conv2/kernel', 4, keptUnits.get('conv1')],
    ['fc1/kernel', 3, keptUnits.get('conv2')],
    ['fc2/kernel', 5, keptUnits.get('fc1')],
  ] as const) {
    const { shape, data } = tensors.get(reader) as Tensor;
    const outputs = shape.at(-1) as number;
    const values = Float32Array.from(data, (value, i) =>
      kept?.includes(Math.floor(i / outputs) % units) ? value : 0,
    );
    result.set(reader, float32(shape, values));
  }
  return result;
}

describe('takeUnits', () => {
  const tensors = randomTensors(network);

  it('gives the function in which nobody reads the units that are gone', () => {
    const small = takeUnits(network, keptUnits, { tensors, masks: new Map() });
    const sample = Float32Array.from({ length: 72 }, (_, i) => Math.sin(i));
    const expected = forward(network, silenced(tensors), sample);
    forward(small.network, small.tensors, sample).forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-9);
    });
  });

  it('takes masks and what lies beside a parameter along', () => {
    const kernel = tensors.get('fc1/kernel') as Tensor;
    const mask = Mask.full(kernel.shape);
    const name = `fc1/kernel${TENSOR_SUFFIXES.secondMoment}`;
    const small = takeUnits(network, keptUnits, {
      tensors: new Map(tensors).set(name, kernel),
      masks: new Map([['fc1/kernel', mask]]),
    });
    expect(small.tensors.get(name)).toEqual(small.tensors.get('fc1/kernel'));
    expect(small.masks.get('fc1/kernel')?.shape).toEqual([25, 3]);
    expect(small.tensors.get('bn1/gamma')?.shape).toEqual([2]);
  });

  it('refuses units that another layer must have', () => {
    const last = new Map([['fc2', Uint32Array.of(0)]]);
    expect(() => takeUnits(network, last, { tensors, masks: new Map() })).toThrow(
      'units of "fc2" cannot be taken out: "fc2" stands in the way, as it is the output of the network.',
    );
  });
});

describe('networkWithUnits', () => {
  it('has the shapes that takeUnits gives', () => {
    const counts = new Map([...keptUnits].map(([layer, { length }]) => [layer, length]));
    const { network: taken, tensors } = takeUnits(network, keptUnits, {
      tensors: randomTensors(network),
      masks: new Map(),
    });
    const small = networkWithUnits(network, counts);
    expect(small).toEqual(taken);
    for (const { name, shape } of parametersOf(small)) expect(tensors.get(name)?.shape).toEqual(shape);
  });
});
