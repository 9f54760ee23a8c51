import { Random } from '@espalier/base';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { Mask, sizeOf, tensor, float32, type Snapshot, type Tensor } from '@espalier/tensor';
import { expectClose } from '../test-support/check-operation';
import { TINY_CONV, TINY_DENSE, tinyNetwork, tinyOptions } from '../test-support/tiny';
import { initialValues } from './initial-values';
import { openSession } from './open-session';
import type { SessionOptions } from './options';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

const flatten = { type: 'flatten', name: 'flatten' };
const output = { type: 'dense', name: 'out', units: 4 };
const conv = { type: 'conv2d', name: 'conv1', filters: 4, kernel: 3 };

const NETWORKS: Readonly<Record<string, NetworkSpec>> = {
  dense: TINY_DENSE,
  'dense without bias': tinyNetwork([flatten, { type: 'dense', name: 'fc1', units: 5, bias: false }, output]),
  'convolution and max pooling': TINY_CONV,
  'strided, padded convolution': tinyNetwork([{ ...conv, stride: 2, padding: 'same' }, flatten, output]),
  'convolution in groups': tinyNetwork([
    conv,
    { type: 'conv2d', name: 'conv2', filters: 6, kernel: 2, groups: 2 },
    flatten,
    output,
  ]),
  'average pooling': tinyNetwork([conv, { type: 'averagePool', name: 'pool', size: 2 }, flatten, output]),
  'global average pooling': tinyNetwork([conv, { type: 'globalAveragePool', name: 'pool' }, output]),
  dropout: tinyNetwork([
    flatten,
    { type: 'dense', name: 'fc1', units: 12 },
    { type: 'dropout', name: 'drop', rate: 0.4 },
    output,
  ]),
  'batch norm after a convolution and after a dense layer': tinyNetwork([
    conv,
    { type: 'batchNorm', name: 'bn1' },
    { type: 'relu', name: 'relu1' },
    flatten,
    { type: 'dense', name: 'fc1', units: 6 },
    { type: 'batchNorm', name: 'bn2' },
    output,
  ]),
  'local response normalisation': tinyNetwork([
    conv,
    { type: 'localResponseNorm', name: 'lrn', radius: 2 },
    flatten,
    output,
  ]),
  'add and concat': tinyNetwork([
    { ...conv, padding: 'same' },
    { type: 'relu', name: 'relu1' },
    { ...conv, name: 'conv2', padding: 'same' },
    { type: 'add', name: 'sum', inputs: ['relu1', 'conv2'] },
    { type: 'concat', name: 'both', inputs: ['sum', 'relu1'] },
    flatten,
    output,
  ]),
};

const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
const OPTIONS: Readonly<Record<string, Partial<SessionOptions>>> = {
  Adam: { optimizer: adam },
  'label smoothing': { labelSmoothing: 0.1 },
  'L1 and L2': { l1: 1e-3, l2: 1e-2 },
  augmentation: { augment: { shiftPx: 1, rotationDegrees: 15, scale: 0.1, shear: 0.1 } },
  distillation: { distill: { teacher: stateOf(TINY_CONV, 5), temperature: 2, weight: 0.5 } },
  'a frozen layer': { frozen: ['fc1'] },
  masks: { initial: masked(stateOf(TINY_DENSE, 3)) },
  'shared weights': { initial: shared(stateOf(TINY_DENSE, 3)), shared: true, optimizer: adam, l2: 1e-2 },
};

describe('one step changes every tensor alike, compiled and eager', () => {
  it.each(Object.entries(NETWORKS))('%s', async (_name, network) => {
    for (let seed = 1; seed <= 2; seed++)
      await expectEqualSteps(tinyOptions({ network, seed, initial: stateOf(network, seed) }));
  });
  it.each(Object.entries(OPTIONS))('%s', async (_name, changes) => {
    for (let seed = 1; seed <= 2; seed++) await expectEqualSteps(tinyOptions({ seed, ...changes }));
  });
});

async function expectEqualSteps(options: SessionOptions): Promise<void> {
  const [compiled, eager] = await Promise.all(
    (['compiled', 'eager'] as const).map(async (executor) => {
      await using session = await openSession({ ...options, executor });
      const before = session.read({ slots: true });
      const { meanLoss } = await session.train({ untilStep: session.step + 1 });
      const gradients = await session.gradients({ batches: 2 });
      return {
        before,
        meanLoss,
        after: session.read({ slots: true }),
        gradients,
        test: await session.evaluate('test'),
      };
    }),
  );
  expectClose([compiled.meanLoss], [eager.meanLoss]);
  expect([...compiled.after.tensors.keys()]).toEqual([...eager.after.tensors.keys()]);
  let changed = 0;
  for (const [name, { data }] of eager.after.tensors) {
    expectClose(compiled.after.tensors.get(name)?.data as Float32Array, data);
    if (data.some((value, i) => value !== (eager.before.tensors.get(name) as Tensor).data[i])) changed++;
  }
  expect(changed).toBeGreaterThan(1);
  for (const [name, gradient] of eager.gradients)
    expectClose(compiled.gradients.get(name) as Float32Array, gradient);
  expectClose([compiled.test.loss], [eager.test.loss]);
  expect(compiled.test.wrong).toBe(eager.test.wrong);
}

/** A snapshot in the middle of training: parameters that are none of them special. */
function stateOf(network: NetworkSpec, seed: number): Snapshot {
  const random = new Random(seed);
  const fresh = initialValues(network, seed);
  const tensors = new Map<string, Tensor>();
  for (const { name, shape, role } of parametersOf(network)) {
    const values = fresh.get(name) as Float32Array;
    if (role !== 'kernel') values.forEach((value, i) => (values[i] = value + 0.3 * random.uniform()));
    tensors.set(name, float32(shape, values));
  }
  return { network: network as unknown as Snapshot['network'], tensors, info: {} };
}

function masked(snapshot: Snapshot): Snapshot {
  const tensors = new Map(snapshot.tensors);
  for (const [name, { shape }] of snapshot.tensors) {
    if (!name.endsWith('/kernel')) continue;
    const flags = Uint8Array.from({ length: sizeOf(shape) }, (_, i) => (i % 3 === 0 ? 1 : 0));
    tensors.set(`${name}:mask`, Mask.fromFlags(shape, flags).toTensor());
  }
  return { ...snapshot, tensors };
}

function shared(snapshot: Snapshot): Snapshot {
  const tensors = new Map(snapshot.tensors);
  for (const [name, { shape }] of snapshot.tensors) {
    if (!name.endsWith('/kernel')) continue;
    const codes = Uint16Array.from({ length: sizeOf(shape) }, (_, i) => (i * 7) % 5);
    tensors.set(`${name}:codes`, tensor('uint16', shape, codes));
    tensors.set(`${name}:codebook`, float32([4], Float32Array.of(-0.3, -0.1, 0.15, 0.35)));
  }
  return { ...snapshot, tensors };
}
