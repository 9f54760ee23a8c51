import { parametersOf } from '@espalier/models';
import { Mask, sizeOf, type Snapshot } from '@espalier/tensor';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CompiledExecutor } from '../compiled/compiled-executor';
import type { TensorFlowBinding } from '../compiled/binding';
import { loadEngine, tensorflowBinding } from '../load-tensorflow';
import { openSession } from '../session/open-session';
import type { SessionOptions } from '../session/options';
import { Session } from '../session/training-session';
import { expectClose } from '../test-support/check-operation';
import { TINY_CONV, TINY_DENSE, bitsOf, tinyNetwork, tinyOptions, tinySamples } from '../test-support/tiny';
import { KERNEL_HEX } from './kernel-hex';
import { SparseExecutor, type SparseOptions } from './sparse-executor';
import { SparseStep } from './sparse-step';
import { isWorthwhile, unsupported } from './support';
import { buildTrainingProgram } from '../graph/training-program';
import { programOptions } from '../session/session-plan';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

/** Masks that keep every `n`th weight. */
function everyNth(n: number, network = TINY_CONV): Map<string, Mask> {
  return new Map(
    parametersOf(network)
      .filter(({ prunable }) => prunable)
      .map(({ name, shape }) => {
        const flags = Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(i % n === 0));
        return [name, Mask.fromFlags(shape, flags)];
      }),
  );
}

async function teacher(): Promise<SessionOptions['distill']> {
  await using session = await openSession(tinyOptions());
  await session.train({ untilStep: 5 });
  return { teacher: session.read(), temperature: 2, weight: 0.5 };
}

interface Opened {
  readonly session: Session;
  /** Of the program that runs now: the first masks bring another one. */
  executor(): SparseExecutor;
}

async function open(changes: Partial<SessionOptions>, sparse?: Partial<SparseOptions>): Promise<Opened> {
  const info = await loadEngine({ force: 'native' });
  const made: SparseExecutor[] = [];
  const session = new Session(info, tinyOptions({ network: TINY_CONV, ...changes }), (program) => {
    const inner = new CompiledExecutor(program, tensorflowBinding() as TensorFlowBinding);
    made.push(new SparseExecutor(program, inner, { use: 'auto', threads: 2, ...sparse }));
    return made[made.length - 1];
  });
  return { session, executor: () => made[made.length - 1] };
}

describe('steps on kept weights', () => {
  it('begin with masks that keep few weights and end with ones that keep many', async () => {
    const { session, executor } = await open({});
    const isSparse: boolean[] = [];
    const step = async (): Promise<void> => {
      await session.train({ untilStep: session.step + 1 });
      isSparse.push(executor().isSparse);
    };
    await step();
    session.setMasks(everyNth(3));
    await step();
    session.setMasks(everyNth(10));
    await step();
    session.setMasks(everyNth(2));
    await step();
    await session[Symbol.asyncDispose]();
    expect(isSparse).toEqual([false, false, true, false]);
  });

  it('go through changes of masks and weights like TensorFlow, and are seen by whoever asks in between', async () => {
    const steer = async (executor: SessionOptions['executor']): Promise<[Snapshot, number[]]> => {
      await using session = await openSession(tinyOptions({ network: TINY_CONV, executor }));
      const losses: number[] = [];
      await session.train({ untilStep: 3 });
      session.setMasks(everyNth(5));
      await session.train({ untilStep: 6 });
      losses.push((await session.evaluate('test')).loss);
      session.setMasks(everyNth(10));
      await session.train({ untilStep: 9 });
      losses.push((await session.evaluate('test')).loss);
      const kernel = session.read().tensors.get('fc1/kernel');
      if (kernel) session.setWeights(new Map([['fc1/kernel', kernel]]));
      session.restart(2);
      await session.train({ untilStep: 5 });
      losses.push((await session.gradients({ batches: 1 })).get('conv1/kernel')?.[0] ?? NaN);
      return [session.read({ slots: true }), losses];
    };
    const [[sparse, ownLosses], [dense, losses]] = [await steer('sparse'), await steer('compiled')];
    expectClose(ownLosses, losses);
    expect([...sparse.tensors.keys()]).toEqual([...dense.tensors.keys()]);
    for (const [name, { data }] of dense.tensors) {
      expectClose(Float64Array.from(sparse.tensors.get(name)?.data ?? []), Float64Array.from(data));
    }
  });

  it('go on from a snapshot with the same bits, taught by a teacher', async () => {
    const options = tinyOptions({ network: TINY_CONV, executor: 'sparse', distill: await teacher() });
    const train = async (initial: Snapshot | undefined, from: number, until: number): Promise<Snapshot> => {
      await using session = await openSession({ ...options, ...(initial && { initial, startStep: from }) });
      if (!initial) session.setMasks(everyNth(10));
      await session.train({ untilStep: until });
      return session.read({ slots: true });
    };
    const whole = await train(undefined, 0, 12);
    const half = await train(undefined, 0, 5);
    expect(bitsOf(await train(half, 5, 12))).toEqual(bitsOf(whole));
  });

  it('have the same bits by any number of threads', async () => {
    const network = tinyNetwork([
      { type: 'conv2d', name: 'conv1', filters: 8, kernel: 3, padding: 'same' },
      { type: 'relu', name: 'relu1' },
      { type: 'dropout', name: 'drop', rate: 0.3 },
      { type: 'maxPool', name: 'pool1', size: 2 },
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'fc1', units: 4 },
    ]);
    const data = { train: tinySamples(256) };
    const train = async (threads: number): Promise<Record<string, string>> => {
      const options = { network, data, batchSize: 100, l1: 1e-4, l2: 1e-3 };
      const { session } = await open(options, { use: 'always', threads });
      session.setMasks(everyNth(4, network));
      await session.train({ untilStep: 40 });
      const state = session.read({ slots: true });
      await session[Symbol.asyncDispose]();
      return bitsOf(state);
    };
    const alone = await train(1);
    expect(await train(2)).toEqual(alone);
    expect(await train(5)).toEqual(alone);
  });

  it('are refused, where they were asked for, with the reason', async () => {
    const network = tinyNetwork([
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'fc1', units: 8 },
      { type: 'batchNorm', name: 'bn' },
      { type: 'dense', name: 'out', units: 4 },
    ]);
    const masks = everyNth(10, network);
    await using asked = await openSession(tinyOptions({ network, executor: 'sparse' }));
    await asked.train({ untilStep: 1 });
    asked.setMasks(masks);
    await expect(asked.train({ untilStep: 2 })).rejects.toMatchObject({
      code: 'ENGINE_OPTION',
      message: expect.stringContaining('"bn" is a batchNorm') as string,
    });
    await using automatic = await openSession(tinyOptions({ network }));
    automatic.setMasks(masks);
    await automatic.train({ untilStep: 2 });
    expect(automatic.step).toBe(2);
  });
});

describe('what steps on kept weights can do', () => {
  const problem = (changes: Partial<SessionOptions>, masked = true): string | undefined =>
    unsupported(programOptions(tinyOptions(changes), masked));

  it('is said by its reason', () => {
    expect(problem({})).toBeUndefined();
    expect(problem({}, false)).toMatch('no masks');
    expect(problem({ latent: true })).toMatch('behind their masks');
    const layers = [
      { type: 'conv2d', name: 'conv1', filters: 4, kernel: 3, padding: 'same' },
      { type: 'maxPool', name: 'pool1', size: 4, stride: 4, padding: 'same' },
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'out', units: 4 },
    ];
    expect(problem({ network: tinyNetwork(layers) })).toMatch('"pool1" pads what it pools');
    const joined = tinyNetwork([
      ...layers.slice(0, 1),
      { type: 'add', name: 'sum', inputs: ['conv1', 'conv1'] },
      ...layers.slice(2),
    ]);
    expect(problem({ network: joined })).toMatch('"sum" is no link of a chain');
  });

  it('is worth it by connections, of a convolution at all its positions', () => {
    // 36 weights at 16 positions, 16 x 4 weights: 576 and 64 connections.
    const kept = (conv: number, fc: number): ReadonlyMap<string, number> =>
      new Map([
        ['conv1/kernel', conv],
        ['fc1/kernel', fc],
      ]);
    expect(isWorthwhile(TINY_CONV, kept(9, 16))).toBe(true);
    expect(isWorthwhile(TINY_CONV, kept(9, 17))).toBe(false);
    expect(isWorthwhile(TINY_CONV, kept(8, 32))).toBe(true);
  });

  it('ends where it would take more memory than it may have', () => {
    const few = programOptions(tinyOptions({ network: TINY_DENSE }), true);
    const program = buildTrainingProgram({ ...few, batchSize: 2 ** 23 });
    const data = { masks: new Map(), signs: new Map(), images: new Uint8Array(0), labels: new Int32Array(0) };
    expect(() => new SparseStep(program, data, { threads: 1 })).toThrow(RangeError);
  });
});

it('the committed kernels are those that the compiler makes', () => {
  const build = join(__dirname, '../../../../tools/assembly/build-kernel.mjs');
  const hex = execFileSync(process.execPath, [build, 'engine', '--print'], { encoding: 'utf8' });
  expect(hex).toBe(KERNEL_HEX);
});
