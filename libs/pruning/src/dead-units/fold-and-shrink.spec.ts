import { Random } from '@espalier/base';
import { checkNetwork, networkByName, parametersOf, type NetworkSpec } from '@espalier/models';
import { Mask, float32, sizeOf, tensor, type Tensor } from '@espalier/tensor';
import * as fc from 'fast-check';
import { applyMasks } from '../retraining/apply-masks';
import { foldAndShrink } from './fold-and-shrink';
import { forward } from './forward.oracle';

/** Random tensors for a network, with `keep` of the weights kept by mask. */
function randomTensors(
  network: NetworkSpec,
  seed: number,
  keep: number,
): { tensors: Map<string, Tensor>; masks: Map<string, Mask> } {
  const tensors = new Map<string, Tensor>();
  const masks = new Map<string, Mask>();
  const random = new Random(seed);
  for (const { name, role, shape } of parametersOf(network)) {
    const data = new Float32Array(sizeOf(shape)).map(() => 0.5 * random.normal());
    tensors.set(name, float32(shape, role === 'movingVariance' ? data.map((v) => v * v + 0.1) : data));
    if (role !== 'kernel') continue;
    masks.set(
      name,
      Mask.fromFlags(
        shape,
        Array.from(data, () => Number(random.uniform() < keep)),
      ),
    );
    tensors.set(
      `${name}:momentum`,
      float32(
        shape,
        new Float32Array(data.length).map(() => random.normal()),
      ),
    );
  }
  return { tensors: applyMasks(tensors, masks), masks };
}

function sample(network: NetworkSpec, seed: number): Float32Array {
  const random = new Random(seed, 'sample');
  return new Float32Array(sizeOf(network.input)).map(() => random.normal());
}

function difference(a: Float64Array, b: Float64Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]) / (1 + Math.abs(value))), 0);
}

function setWeights(tensors: Map<string, Tensor>, name: string, values: readonly number[]): void {
  const { shape } = tensors.get(name) as Tensor;
  tensors.set(name, float32(shape, Float32Array.from(values)));
}

const mlp = checkNetwork({
  input: [5],
  layers: [
    { type: 'dense', name: 'fc1', units: 7 },
    { type: 'relu', name: 'relu1' },
    { type: 'dropout', name: 'drop1' },
    { type: 'dense', name: 'fc2', units: 6 },
    { type: 'relu', name: 'relu2' },
    { type: 'dense', name: 'fc3', units: 3 },
  ],
});

const convNet = (padding: string, pool: string): NetworkSpec =>
  checkNetwork({
    input: [7, 7, 2],
    layers: [
      { type: 'conv2d', name: 'conv1', filters: 5, kernel: 3, padding },
      { type: 'relu', name: 'relu1' },
      { type: pool, name: 'pool1', size: 2, padding },
      { type: 'conv2d', name: 'conv2', filters: 6, kernel: 2, padding },
      { type: 'batchNorm', name: 'bn2' },
      { type: 'relu', name: 'relu2' },
      { type: 'flatten', name: 'flatten' },
      { type: 'batchNorm', name: 'bn3' },
      { type: 'dense', name: 'fc1', units: 8 },
      { type: 'relu', name: 'relu3' },
      { type: 'dense', name: 'fc2', units: 3 },
    ],
  });

const branches = checkNetwork({
  input: [4, 4, 2],
  layers: [
    { type: 'conv2d', name: 'stem', filters: 6, kernel: 1 },
    { type: 'relu', name: 'relu' },
    { type: 'conv2d', name: 'left', filters: 4, kernel: 1 },
    { type: 'conv2d', name: 'right', filters: 4, kernel: 2, padding: 'same', inputs: ['relu'] },
    { type: 'add', name: 'sum', inputs: ['left', 'right'] },
    { type: 'globalAveragePool', name: 'mean' },
    { type: 'dense', name: 'out', units: 2 },
  ],
});

const networks = {
  mlp,
  'conv valid max': convNet('valid', 'maxPool'),
  'conv same average': convNet('same', 'averagePool'),
  branches,
};

describe('foldAndShrink', () => {
  it.each(Object.entries(networks))(
    'leaves the function of %s as it was, whatever is pruned',
    (_, network) => {
      fc.assert(
        fc.property(fc.nat(), fc.constantFrom(0.03, 0.1, 0.2, 0.5), (seed, keep) => {
          const { tensors, masks } = randomTensors(network, seed, keep);
          const shrunk = foldAndShrink(network, tensors, masks);
          const x = sample(network, seed);
          expect(
            difference(forward(network, tensors, x), forward(shrunk.network, shrunk.tensors, x)),
          ).toBeLessThan(1e-5);
          for (const { name, role, shape } of parametersOf(shrunk.network)) {
            expect(shrunk.tensors.get(name)?.shape).toEqual(shape);
            if (role !== 'kernel') continue;
            expect(shrunk.tensors.get(`${name}:momentum`)?.shape).toEqual(shape);
            expect(shrunk.masks.get(name)?.toTensor()).toEqual(shrunk.tensors.get(`${name}:mask`));
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  it('puts the hidden units with the most connections first, and leaves the classes where they are', () => {
    const { tensors, masks } = randomTensors(mlp, 3, 0.5);
    const { keptUnits, masks: shrunkMasks } = foldAndShrink(mlp, tensors, masks);
    const [first, second] = ['fc1/kernel', 'fc2/kernel'].map((name) => shrunkMasks.get(name) as Mask);
    const units = first.shape[1];
    const connections = Array.from({ length: units }, (_, unit) => {
      let count = 0;
      for (let input = 0; input < first.shape[0]; input++) count += Number(first.get(input * units + unit));
      for (let output = 0; output < second.shape[1]; output++) {
        count += Number(second.get(unit * second.shape[1] + output));
      }
      return count;
    });
    expect(new Set(connections).size).toBeGreaterThan(2);
    expect(connections).toEqual([...connections].sort((a, b) => b - a));
    expect([...(keptUnits.get('fc3') ?? [])]).toEqual([0, 1, 2]);
  });

  it.each(Object.entries(networks))(
    'finds nothing more in what it has left of %s, but for constants that cannot move',
    (_, network) => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const { tensors, masks } = randomTensors(network, seed, 0.1);
          const once = foldAndShrink(network, tensors, masks);
          const twice = foldAndShrink(once.network, once.tensors, once.masks);
          expect(twice.network).toEqual(once.network);
          for (const { unread, folded } of twice.removed.values()) expect([...unread, ...folded]).toEqual([]);
        }),
        { numRuns: 30 },
      );
    },
  );

  it('removes what nothing reads, up through the layers, without a change to any bit', () => {
    const { tensors } = randomTensors(mlp, 3, 1);
    // Unit 2 of fc2 is read by nothing; then unit 4 of fc1, which only it reads, is not read either.
    const fc3 = (tensors.get('fc3/kernel') as Tensor).data.map((w, i) => (Math.floor(i / 3) === 2 ? 0 : w));
    const fc2 = (tensors.get('fc2/kernel') as Tensor).data.map((w, i) =>
      Math.floor(i / 6) === 4 && i % 6 !== 2 ? 0 : w,
    );
    setWeights(tensors, 'fc3/kernel', [...fc3]);
    setWeights(tensors, 'fc2/kernel', [...fc2]);
    const shrunk = foldAndShrink(mlp, tensors, new Map());
    expect(shrunk.removed.get('fc2')).toEqual({ unread: [2], folded: [], constant: [] });
    expect(shrunk.removed.get('fc1')).toEqual({ unread: [4], folded: [], constant: [] });
    expect([...(shrunk.keptUnits.get('fc1') ?? [])]).toEqual([0, 1, 2, 3, 5, 6]);
    expect(shrunk.tensors.get('fc2/kernel')?.shape).toEqual([6, 5]);
    expect(shrunk.tensors.get('fc1/bias')?.shape).toEqual([6]);
    const x = sample(mlp, 1);
    expect(forward(shrunk.network, shrunk.tensors, x)).toEqual(forward(mlp, tensors, x));
  });

  it('moves the constant of a unit without inputs into the next bias, and follows it further', () => {
    const network = checkNetwork({
      input: [2],
      layers: [
        { type: 'dense', name: 'a', units: 2 },
        { type: 'relu', name: 'ra' },
        { type: 'dense', name: 'b', units: 2 },
        { type: 'relu', name: 'rb' },
        { type: 'dense', name: 'c', units: 1 },
      ],
    });
    const tensors = new Map<string, Tensor>([
      ['a/kernel', float32([2, 2], Float32Array.of(0, 1, 0, 1))],
      ['a/bias', float32([2], Float32Array.of(2, 0))],
      ['b/kernel', float32([2, 2], Float32Array.of(3, 0, 0, 1))],
      ['b/bias', float32([2], Float32Array.of(-1, 0))],
      ['c/kernel', float32([2, 1], Float32Array.of(10, 1))],
      ['c/bias', float32([1], Float32Array.of(0.5))],
    ]);
    const shrunk = foldAndShrink(network, tensors, new Map());
    // a0 = relu(2) = 2; b0 = relu(3 * 2 - 1) = 5; so c gets 10 * 5 more.
    expect(shrunk.removed.get('a')?.folded).toEqual([0]);
    expect(shrunk.removed.get('b')?.folded).toEqual([0]);
    expect([...(shrunk.tensors.get('c/bias') as Tensor).data]).toEqual([50.5]);
    expect([...(shrunk.tensors.get('a/kernel') as Tensor).data]).toEqual([1, 1]);
  });

  it('keeps a filter whose constant would meet zero padding, unless the constant is 0', () => {
    const network = convNet('same', 'maxPool');
    const { tensors } = randomTensors(network, 5, 1);
    const kernel = (tensors.get('conv1/kernel') as Tensor).data.map((w, i) => (i % 5 < 2 ? 0 : w));
    setWeights(tensors, 'conv1/kernel', [...kernel]);
    setWeights(tensors, 'conv1/bias', [1, -1, 0, 0, 0]);
    const shrunk = foldAndShrink(network, tensors, new Map());
    expect(shrunk.removed.get('conv1')).toEqual({ unread: [], folded: [1], constant: [0] });
  });

  it('never takes the last unit of a layer, nor any of the outputs', () => {
    const tensors = new Map(
      [...randomTensors(mlp, 1, 1).tensors].map(([name, value]) => [
        name,
        float32(value.shape, new Float32Array(sizeOf(value.shape))),
      ]),
    );
    const shrunk = foldAndShrink(mlp, tensors, new Map());
    expect(parametersOf(shrunk.network).map(({ shape }) => shape)).toEqual([
      [5, 1],
      [1],
      [1, 1],
      [1],
      [1, 3],
      [3],
    ]);
  });

  it('shrinks codes with their layer, and reads weights that exist as codes only', () => {
    const { tensors } = randomTensors(mlp, 9, 1);
    const codes = Uint16Array.from({ length: 42 }, (_, i) => (i % 6 === 1 ? 0 : 1 + (i % 2)));
    tensors.delete('fc2/kernel');
    tensors.delete('fc2/kernel:momentum');
    tensors.delete('fc2/kernel:mask');
    tensors.set('fc2/kernel:codes', tensor('uint16', [7, 6], codes));
    tensors.set('fc2/kernel:codebook', float32([2], Float32Array.of(-0.5, 0.25)));
    const shrunk = foldAndShrink(mlp, tensors, new Map());
    expect(shrunk.removed.get('fc2')?.folded).toEqual([1]);
    expect(shrunk.tensors.get('fc2/kernel:codes')?.shape).toEqual([7, 5]);
    expect(shrunk.tensors.get('fc2/kernel:codebook')).toBe(tensors.get('fc2/kernel:codebook'));
    const x = sample(mlp, 2);
    expect(difference(forward(mlp, tensors, x), forward(shrunk.network, shrunk.tensors, x))).toBeLessThan(
      1e-5,
    );
  });

  it('leaves a network without dead units alone, and its input tensors in every case', () => {
    const network = networkByName('lenet-5');
    const { tensors, masks } = randomTensors(network, 1, 1);
    const shrunk = foldAndShrink(network, tensors, masks);
    expect(shrunk.network).toEqual(network);
    for (const [name, value] of tensors) expect(shrunk.tensors.get(name)).toEqual(value);
  });
});
