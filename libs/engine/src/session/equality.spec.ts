import { Random } from '@espalier/base';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { Mask, bytesOf, float32, sizeOf, tensor, type Snapshot, type Tensor } from '@espalier/tensor';
import { expectClose } from '../test-support/check-operation';
import { HoldingExecutor } from '../test-support/holding-executor';
import { TINY_CONV, TINY_DENSE, tinyNetwork, tinyOptions, tinySamples } from '../test-support/tiny';
import { initialValues } from './initial-values';
import { CompiledExecutor } from '../compiled/compiled-executor';
import type { TensorFlowBinding } from '../compiled/binding';
import { EagerExecutor } from '../eager/eager-executor';
import { SparseExecutor } from '../sparse/sparse-executor';
import type { Executor } from '../executor';
import type { TrainingProgram } from '../graph/training-program';
import { loadEngine, tensorflowBinding, tensorflowJs, type EngineInfo } from '../load-tensorflow';
import type { OptimizerSpec, SessionOptions } from './options';
import { Session } from './training-session';

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

const OPTIMIZERS: Readonly<Record<string, OptimizerSpec>> = {
  'SGD with momentum': { kind: 'sgd', momentum: 0.9 },
  Adam: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
};

const OPTIONS: Readonly<Record<string, Partial<SessionOptions>>> = {
  'label smoothing': { labelSmoothing: 0.1 },
  'L1 and L2': { l1: 1e-3, l2: 1e-2 },
  augmentation: { augment: { shiftPx: 1, rotationDegrees: 15, scale: 0.1, shear: 0.1 } },
  distillation: { distill: { teacher: stateOf(TINY_CONV, 5), temperature: 2, weight: 0.5 } },
  'a frozen layer': { frozen: ['fc1'] },
  'another rate of dropout': { network: NETWORKS['dropout'], dropout: { drop: 0.7 } },
  masks: { initial: masked(stateOf(TINY_DENSE, 3)) },
  'shared weights': { initial: shared(stateOf(TINY_DENSE, 3)), shared: true, l2: 1e-2 },
  'shared weights with signs': { initial: signed(shared(stateOf(TINY_DENSE, 3))), shared: true, l1: 1e-3 },
  'weights that are trained behind their masks': {
    network: TINY_CONV,
    initial: masked(stateOf(TINY_CONV, 3)),
    latent: true,
    l1: 1e-4,
    l2: 1e-3,
  },
  'shared weights, straight through to their latent ones': {
    initial: shared(stateOf(TINY_DENSE, 3)),
    shared: 'straight-through',
    l1: 1e-3,
    l2: 1e-2,
  },
  'masks with everything beside them': {
    network: TINY_CONV,
    initial: masked(stateOf(TINY_CONV, 3)),
    labelSmoothing: 0.05,
    l1: 1e-4,
    l2: 1e-3,
    augment: { shiftPx: 1 },
    distill: { teacher: stateOf(TINY_DENSE, 5), temperature: 3, weight: 0.3 },
  },
};

/** 22 networks and 24 options: 230 states in all; and 26 cases of steps on kept weights, by both optimizers: 260 more. */
const STATES_EACH = 5;

const relu = (name: string): object => ({ type: 'relu', name });
const pool = { type: 'maxPool', name: 'pool1', size: 2 };

/** What steps on kept weights can do; a third of the weights is kept unless `initial` says otherwise. */
const SPARSE: Readonly<Record<string, Partial<SessionOptions>>> = {
  'dense layers': {},
  'dense layers without a bias': { network: NETWORKS['dense without bias'] },
  'one layer': { network: tinyNetwork([flatten, output]) },
  'a convolution and max pooling': { network: TINY_CONV },
  'max pooling whose windows overlap': {
    network: tinyNetwork([conv, { ...pool, size: 2, stride: 1 }, flatten, output]),
  },
  'a convolution before the flatten': { network: tinyNetwork([conv, flatten, output]) },
  'a strided, padded convolution': { network: NETWORKS['strided, padded convolution'] },
  'convolutions behind each other, strided and padded': {
    network: tinyNetwork([
      { ...conv, padding: 'same' },
      relu('relu1'),
      { type: 'conv2d', name: 'conv2', filters: 5, kernel: 3, stride: 2, padding: 'same' },
      relu('relu2'),
      { type: 'conv2d', name: 'conv3', filters: 3, kernel: 2 },
      flatten,
      output,
    ]),
  },
  'images of several channels': {
    network: tinyNetwork([conv, relu('relu1'), pool, flatten, output], { channels: 3 }),
    data: {
      train: tinySamples(64, { channels: 3 }),
      test: tinySamples(50, { seed: 2, channels: 3 }),
    },
  },
  dropout: { network: NETWORKS['dropout'] },
  'dropout between convolutions, at another rate': {
    network: tinyNetwork([
      conv,
      { type: 'dropout', name: 'drop', rate: 0.1 },
      { ...conv, name: 'conv2' },
      flatten,
      output,
    ]),
    dropout: { drop: 0.6 },
  },
  'no dropout in the place of some': { network: NETWORKS['dropout'], dropout: { drop: 0 } },
  'label smoothing': { labelSmoothing: 0.1 },
  'L1 and L2': { network: TINY_CONV, l1: 1e-3, l2: 1e-2 },
  augmentation: { augment: { shiftPx: 1, rotationDegrees: 15, scale: 0.1, shear: 0.1 } },
  distillation: { distill: { teacher: stateOf(TINY_CONV, 5), temperature: 2, weight: 0.5 } },
  'distillation with everything beside it': {
    network: TINY_CONV,
    labelSmoothing: 0.05,
    l1: 1e-4,
    l2: 1e-3,
    augment: { shiftPx: 1 },
    distill: { teacher: stateOf(TINY_DENSE, 5), temperature: 3, weight: 0.3 },
  },
  'shared weights': { initial: shared(stateOf(TINY_DENSE, 3)), shared: true, l2: 1e-2 },
  'shared weights with signs, beside a mask': {
    network: TINY_CONV,
    initial: signed(shared(masked(stateOf(TINY_CONV, 3)))),
    shared: true,
    l1: 1e-3,
  },
  'shared weights of a frozen layer': {
    network: TINY_CONV,
    initial: shared(stateOf(TINY_CONV, 3)),
    shared: true,
    frozen: ['conv1'],
  },
  'shared weights, straight through to their latent ones': {
    initial: shared(stateOf(TINY_DENSE, 3)),
    shared: 'straight-through',
    l1: 1e-3,
    l2: 1e-2,
  },
  'its first layer frozen': { network: TINY_CONV, frozen: ['conv1'], l2: 1e-2 },
  'its last layer frozen': { network: TINY_CONV, frozen: ['fc1'] },
  'batches of an odd number': { batchSize: 7 },
  'batches that fill no tile': { network: TINY_CONV, batchSize: 41 },
  'units that keep nothing': { initial: masked(stateOf(TINY_DENSE, 3), (i) => i % 12 > 4 && i % 5 === 0) },
};

describe.each(Object.entries(OPTIMIZERS))(
  'one step is the same compiled and eager, by %s',
  (_name, optimizer) => {
    it.each(Object.entries(NETWORKS))('of a network with %s', (_network, network) =>
      expectEqualSteps(tinyOptions({ network, optimizer, initial: stateOf(network, 1) })),
    );
    it.each(Object.entries(OPTIONS))('with %s', (_option, changes) =>
      expectEqualSteps(tinyOptions({ optimizer, ...changes })),
    );
  },
);

describe.each(Object.entries(OPTIMIZERS))(
  'one step is the same on kept weights, by %s',
  (_name, optimizer) => {
    it.each(Object.entries(SPARSE))('of %s', (_case, changes) => {
      const { network = TINY_DENSE } = changes;
      return expectEqualSparseSteps(
        tinyOptions({ optimizer, initial: masked(stateOf(network, 3)), ...changes }),
      );
    });
  },
);

/** From each of several states: loss and every update as TensorFlow has them, what is removed +0.0, and the same bits once more. */
async function expectEqualSparseSteps(options: SessionOptions): Promise<void> {
  const info = await loadEngine({ force: 'native' });
  const compiled = openBare(info, options, compile);
  const sparse = openBare(info, options, onKept);
  const again = openBare(info, options, onKept);
  const all = [compiled, sparse, again];
  try {
    for (let seed = 1; seed <= STATES_EACH; seed++) {
      const state = drawState(compiled, options, seed);
      const [oracle, first, second] = await Promise.all(all.map((bare) => stepFrom(bare, state)));
      expect(bitsOf(second)).toEqual(bitsOf(first));
      expectClose([first.loss], [oracle.loss]);
      expectSameUpdates(state, first, oracle);
      for (const [name, values] of first.values) {
        if (name.includes(':codebook')) continue;
        const mask = options.initial?.tensors.get(`${name.split(':')[0]}:mask`);
        const removed = mask ? values.filter((_, i) => !Mask.fromTensor(mask).get(i)) : [];
        expect([...removed].every((value) => Object.is(value, 0))).toBe(true);
      }
    }
  } finally {
    for (const { session } of all) await session[Symbol.asyncDispose]();
  }
}

/** From each of several states: loss and every update alike compiled and eager, and the same bits compiled once more. */
async function expectEqualSteps(options: SessionOptions): Promise<void> {
  const info = await loadEngine({ force: 'native' });
  const tf = await tensorflowJs();
  const compiled = openBare(info, options, compile);
  const again = openBare(info, options, compile);
  const eager = openBare(info, options, (program) => new EagerExecutor(program, tf));
  const all = [compiled, again, eager];
  try {
    for (let seed = 1; seed <= STATES_EACH; seed++) {
      const state = drawState(compiled, options, seed);
      const [first, second, oracle] = await Promise.all(all.map((bare) => stepFrom(bare, state)));
      expect(bitsOf(second)).toEqual(bitsOf(first));
      expectClose([first.loss], [oracle.loss]);
      expectSameUpdates(state, first, oracle);
    }
    const [found, expected] = await Promise.all(
      [compiled, eager].map(({ session }) => session.gradients({ batches: 2 })),
    );
    for (const [name, gradient] of expected) expectClose(found.get(name) as Float32Array, gradient);
    const [test, oracle] = await Promise.all(
      [compiled, eager].map(({ session }) => session.evaluate('test')),
    );
    expectClose([test.loss], [oracle.loss]);
    expect(test.wrong).toBe(oracle.wrong);
  } finally {
    for (const { session } of all) await session[Symbol.asyncDispose]();
  }
}

function expectSameUpdates(state: State, found: Stepped, oracle: Stepped): void {
  let changed = 0;
  for (const [variable, before] of state) {
    const update = (after: Stepped): Float64Array =>
      Float64Array.from(before, (value, i) => (after.values.get(variable) as Float32Array)[i] - value);
    expectClose(update(found), update(oracle));
    if (update(found).some((value) => value !== 0)) changed++;
  }
  expect(changed).toBeGreaterThan(1);
}

/** A session whose variables can be set and looked at from outside. */
interface Bare {
  readonly session: Session;
  readonly program: TrainingProgram;
  readonly executor: Executor;
}

function openBare(
  info: EngineInfo,
  options: SessionOptions,
  make: (program: TrainingProgram) => Executor,
): Bare {
  const seen: { program?: TrainingProgram; executor?: Executor } = {};
  const session = new Session(info, options, (program) => {
    const executor = make(program);
    Object.assign(seen, { program, executor });
    return executor;
  });
  return { session, program: seen.program as TrainingProgram, executor: seen.executor as Executor };
}

function compile(program: TrainingProgram): Executor {
  return new CompiledExecutor(program, tensorflowBinding() as TensorFlowBinding);
}

function onKept(program: TrainingProgram): Executor {
  const inner = program.options.teacher ? compile(program) : new HoldingExecutor();
  return new SparseExecutor(program, inner, { use: 'always', threads: 1 });
}

/** By name of the variable; float32 only, no masks: what a step may change, and the teacher. */
type State = ReadonlyMap<string, Float32Array>;

function drawState({ program, executor }: Bare, { initial, latent }: SessionOptions, seed: number): State {
  const random = new Random(seed);
  const changeable = program.variables.filter(
    ({ dtype, name }) => dtype === 'float32' && !/:(mask|signs)$/.test(name),
  );
  return new Map(
    changeable.map((variable) => {
      const [parameter] = variable.name.split(':');
      const isWhole = latent || variable.name.includes(':codebook');
      const mask = isWhole ? undefined : initial?.tensors.get(`${parameter}:mask`);
      const codes = isWhole ? undefined : initial?.tensors.get(`${parameter}:codes`)?.data;
      const values = executor.get(variable) as Float32Array;
      // Variances are positive, second moments those of gradients of the usual size.
      const isPositive = variable.name.endsWith(':v') || parameter.endsWith('movingVariance');
      const drawn = values.map((value) =>
        isPositive ? 0.01 + random.uniform() : value + 0.2 * (random.uniform() - 0.5),
      );
      codes?.forEach((code, i) => code === 0 && (drawn[i] = 0));
      return [variable.name, mask ? Mask.fromTensor(mask).apply(drawn) : drawn];
    }),
  );
}

interface Stepped {
  readonly loss: number;
  readonly values: State;
}

async function stepFrom({ session, program, executor }: Bare, state: State): Promise<Stepped> {
  const variables = program.variables.filter(({ name }) => state.has(name));
  for (const variable of variables) executor.set(variable, state.get(variable.name) as Float32Array);
  const { meanLoss } = await session.train({ untilStep: session.step + 1 });
  const values = variables.map((each) => [each.name, executor.get(each) as Float32Array] as const);
  return { loss: meanLoss, values: new Map(values) };
}

function bitsOf({ loss, values }: Stepped): unknown {
  return [loss, ...[...values].map(([name, data]) => [name, Buffer.from(bytesOf(data)).toString('hex')])];
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

function masked(snapshot: Snapshot, isKept = (i: number): boolean => i % 3 === 0): Snapshot {
  const tensors = new Map(snapshot.tensors);
  for (const [name, { shape }] of snapshot.tensors) {
    if (!name.endsWith('/kernel')) continue;
    const flags = Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(isKept(i)));
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

/** Every third weight is the negative of its level. */
function signed(snapshot: Snapshot): Snapshot {
  const tensors = new Map(snapshot.tensors);
  for (const [name, { shape }] of snapshot.tensors) {
    if (!name.endsWith('/kernel')) continue;
    const flags = Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(i % 3 === 1));
    tensors.set(`${name}:signs`, Mask.fromFlags(shape, flags).toTensor());
  }
  return { ...snapshot, tensors };
}
