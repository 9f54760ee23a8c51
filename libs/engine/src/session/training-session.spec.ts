import { errorCode } from '@espalier/base';
import { Mask, float32, type Snapshot, type Tensor } from '@espalier/tensor';
import { TINY_CONV, TINY_DENSE, bitsOf, tinyNetwork, tinyOptions, tinySamples } from '../test-support/tiny';
import { evaluateSnapshot, evaluateWeights, openSession } from './open-session';
import type { SessionOptions } from './options';
import type { SharedKernel } from './session-state';
import type { TrainingSession } from './training-session';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
/** Everything that takes random numbers. */
const randomOptions: Partial<SessionOptions> = {
  network: tinyNetwork([
    { type: 'conv2d', name: 'conv1', filters: 8, kernel: 3 },
    { type: 'relu', name: 'relu1' },
    { type: 'flatten', name: 'flatten' },
    { type: 'dropout', name: 'drop', rate: 0.3 },
    { type: 'dense', name: 'fc1', units: 4 },
  ]),
  optimizer: adam,
  learningRate: { kind: 'cosine', base: 0.01, totalSteps: 40 },
  augment: { shiftPx: 1, rotationDegrees: 10 },
};
const thirdKept = Mask.fromFlags(
  [36, 12],
  Uint8Array.from({ length: 432 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
);

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => errorCode(error),
  );
}

describe('training', () => {
  it('learns', async () => {
    await using session = await openSession(tinyOptions());
    const before = await session.evaluate('test');
    await session.train({ untilStep: 60 });
    const after = await session.evaluate('test');
    expect(before.error).toBeGreaterThan(0.4);
    expect(after.error).toBeLessThan(0.1);
    expect(after.loss).toBeLessThan(before.loss);
  });

  it('gives the same bits for the same seed, and others for another', async () => {
    const run = async (seed: number): Promise<Record<string, string>> => {
      await using session = await openSession(tinyOptions({ ...randomOptions, seed }));
      await session.train({ untilStep: 20 });
      return bitsOf(session.read({ slots: true }));
    };
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('goes on from a snapshot in the middle to the same bits', async () => {
    await using through = await openSession(tinyOptions(randomOptions));
    await through.train({ untilStep: 11 });
    const middle = through.read({ slots: true });
    await through.train({ untilStep: 20 });
    await using resumed = await openSession(
      tinyOptions({ ...randomOptions, initial: middle, startStep: 11 }),
    );
    await resumed.train({ untilStep: 20 });
    expect(bitsOf(resumed.read({ slots: true }))).toEqual(bitsOf(through.read({ slots: true })));
  });

  it('reports the mean loss, the rate and the step, and once more at the end', async () => {
    await using session = await openSession(
      tinyOptions({ learningRate: { kind: 'step', base: 0.1, factor: 0.5, everySteps: 4 } }),
    );
    const reports: { step: number; learningRate: number; loss: number }[] = [];
    const { meanLoss } = await session.train({
      untilStep: 10,
      progressEverySteps: 4,
      onProgress: (p) => reports.push(p),
    });
    expect(reports.map(({ step }) => step)).toEqual([4, 8, 10]);
    expect(reports.map(({ learningRate }) => learningRate)).toEqual([0.1, 0.05, 0.025]);
    const mean = (4 * reports[0].loss + 4 * reports[1].loss + 2 * reports[2].loss) / 10;
    expect(mean).toBeCloseTo(meanLoss, 10);
  });

  it('tells what every step did, also those before it was stopped', async () => {
    await using session = await openSession(
      tinyOptions({ learningRate: { kind: 'step', base: 0.1, factor: 0.5, everySteps: 2 } }),
    );
    const told = { steps: [] as number[], losses: [] as number[], learningRates: [] as number[] };
    const stop = new AbortController();
    const training = session.train({
      untilStep: 100,
      progressEverySteps: 3,
      onProgress: () => stop.abort(new Error('enough')),
      onSteps: ({ steps, losses, learningRates }) => {
        told.steps.push(...steps);
        told.losses.push(...losses);
        told.learningRates.push(...learningRates);
      },
      signal: stop.signal,
    });
    await expect(training).rejects.toThrow('enough');
    expect(told.steps).toEqual([1, 2, 3]);
    expect(told.learningRates).toEqual([0.1, 0.1, 0.05]);
    await using other = await openSession(
      tinyOptions({ learningRate: { kind: 'step', base: 0.1, factor: 0.5, everySteps: 2 } }),
    );
    for (const loss of told.losses) {
      const { meanLoss } = await other.train({ untilStep: other.step + 1 });
      expect(loss).toBe(meanLoss);
    }
  });

  it('stops between two steps when it is told to, and can go on', async () => {
    await using session = await openSession(tinyOptions());
    const stop = new AbortController();
    const training = session.train({
      untilStep: 100,
      progressEverySteps: 5,
      onProgress: () => stop.abort(new Error('enough')),
      signal: stop.signal,
    });
    await expect(training).rejects.toThrow('enough');
    expect(session.step).toBe(5);
    await session.train({ untilStep: 6 });
    expect(session.step).toBe(6);
  });

  it('lets timers and sockets run while it goes on', async () => {
    await using session = await openSession(tinyOptions());
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    let reports = 0;
    while (turns < 3 && reports++ < 200) await session.train({ untilStep: session.step + 500 });
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it('refuses to go on when the loss is no number', async () => {
    await using session = await openSession(tinyOptions({ learningRate: { kind: 'constant', base: 1e30 } }));
    expect(await codeOf(session.train({ untilStep: 20 }))).toBe('ENGINE_DIVERGED');
    expect(() => session.read()).toThrow('ENGINE_SPENT');
    expect(await codeOf(session.train({ untilStep: 21 }))).toBe('ENGINE_SPENT');
  });

  it('uses no more memory after a thousand steps', async () => {
    await using session = await openSession(tinyOptions({ ...randomOptions, network: TINY_CONV }));
    await session.train({ untilStep: 300 });
    const before = process.memoryUsage().rss;
    await session.train({ untilStep: 1300 });
    expect(process.memoryUsage().rss - before).toBeLessThan(20 * 2 ** 20);
  });
});

describe('masks', () => {
  it.each(['compiled', 'eager'] as const)(
    'keep removed weights and their slots at +0.0 (%s)',
    async (executor) => {
      await using session = await openSession(tinyOptions({ optimizer: adam, l2: 1e-3, executor }));
      await session.train({ untilStep: 5 });
      const before = session.read({ slots: true });
      session.setMasks(new Map([['fc1/kernel', thirdKept]]));
      const pruned = session.read({ slots: true });
      await session.train({ untilStep: 10 });
      const after = session.read({ slots: true });
      for (const name of ['fc1/kernel', 'fc1/kernel:m', 'fc1/kernel:v']) {
        const [dense, masked, trained] = [before, pruned, after].map((each) => valuesOf(each, name));
        trained.forEach((value, i) => {
          if (thirdKept.get(i)) expect(masked[i]).toBe(dense[i]);
          else expect([masked[i], value].map((each) => Object.is(each, 0))).toEqual([true, true]);
        });
        expect(trained).not.toEqual(masked);
      }
      expect(Mask.fromTensor(after.tensors.get('fc1/kernel:mask') as Tensor).equals(thirdKept)).toBe(true);
      expect(valuesOf(after, 'fc2/kernel')).not.toEqual(valuesOf(pruned, 'fc2/kernel'));
    },
  );

  it('of the initial snapshot zero weights and slots that it still has', async () => {
    await using first = await openSession(tinyOptions());
    await first.train({ untilStep: 5 });
    const trained = first.read({ slots: true });
    const tensors = new Map(trained.tensors).set('fc1/kernel:mask', thirdKept.toTensor());
    await using session = await openSession(tinyOptions({ initial: { ...trained, tensors } }));
    for (const name of ['fc1/kernel', 'fc1/kernel:momentum']) {
      const values = valuesOf(session.read({ slots: true }), name);
      expect([...values]).toEqual([...thirdKept.apply(valuesOf(trained, name).slice())]);
    }
  });

  it('can be narrowed while training goes on, with the same bits as in a session opened with them', async () => {
    const narrower = thirdKept.and(
      Mask.fromFlags(
        [36, 12],
        Uint8Array.from({ length: 432 }, (_, i) => (i % 2 === 0 ? 1 : 0)),
      ),
    );
    await using session = await openSession(tinyOptions());
    session.setMasks(new Map([['fc1/kernel', thirdKept]]));
    await session.train({ untilStep: 5 });
    session.setMasks(new Map([['fc1/kernel', narrower]]));
    await using other = await openSession(
      tinyOptions({ initial: session.read({ slots: true }), startStep: 5 }),
    );
    for (const each of [session, other]) await each.train({ untilStep: 9 });
    expect(bitsOf(other.read({ slots: true }))).toEqual(bitsOf(session.read({ slots: true })));
    expect(narrower.count()).toBeLessThan(thirdKept.count());
  });

  it('hold for weights that are set', async () => {
    await using session = await openSession(tinyOptions());
    session.setMasks(new Map([['fc1/kernel', thirdKept]]));
    session.setWeights(new Map([['fc1/kernel', float32([36, 12], new Float32Array(432).fill(-0.5))]]));
    const values = valuesOf(session.read(), 'fc1/kernel');
    expect([...values]).toEqual(Array.from({ length: 432 }, (_, i) => (i % 3 === 0 ? -0.5 : 0)));
  });
});

describe('weights that are trained behind their masks', () => {
  const kept = Mask.fromFlags(
    [36, 12],
    [...Array(432).keys()].map((i) => Number(i % 5 === 0)),
  );
  const plain = {
    optimizer: { kind: 'sgd', momentum: 0 },
    learningRate: { kind: 'constant', base: 1 },
  } as const;

  it('get the gradients that the masked network has, removed ones too', async () => {
    await using behind = await openSession(tinyOptions({ ...plain, latent: true }));
    const before = behind.latents().get('fc1/kernel') as Float32Array;
    behind.setMasks(new Map([['fc1/kernel', kept]]));
    // Another session without masks, whose weights are those that the masked network uses.
    await using oracle = await openSession(tinyOptions({ ...plain, initial: behind.read() }));
    oracle.setMasks(new Map([['fc1/kernel', Mask.full([36, 12])]]));
    const used = valuesOf(oracle.read(), 'fc1/kernel');
    for (const session of [behind, oracle]) await session.train({ untilStep: 1 });
    const moved = valuesOf(oracle.read(), 'fc1/kernel');
    const after = behind.latents().get('fc1/kernel') as Float32Array;
    after.forEach((value, i) => expect(value - before[i]).toBeCloseTo(moved[i] - used[i], 6));
    expect(after.filter((value, i) => !kept.get(i) && value !== before[i]).length).toBeGreaterThan(100);
  });

  it('are +0.0 in what is read and tested, and come back as what they have become', async () => {
    await using session = await openSession(tinyOptions({ latent: true, optimizer: adam }));
    session.setMasks(new Map([['fc1/kernel', kept]]));
    await session.train({ untilStep: 5 });
    const latent = session.latents().get('fc1/kernel') as Float32Array;
    const read = session.read({ slots: true });
    valuesOf(read, 'fc1/kernel').forEach((value, i) => {
      expect(Object.is(value, kept.get(i) ? latent[i] : 0)).toBe(true);
    });
    const samples = tinySamples(50, { seed: 2 });
    expect(await evaluateSnapshot({ network: TINY_DENSE, snapshot: read, samples })).toEqual(
      await session.evaluate('test'),
    );
    expect([...session.latents().keys()]).toEqual(['fc1/kernel', 'fc2/kernel']);
    valuesOf(read, 'fc1/kernel:v').forEach((value, i) => expect(value === 0 || kept.get(i)).toBe(true));
    session.setMasks(new Map([['fc1/kernel', Mask.full([36, 12])]]));
    expect(valuesOf(session.read(), 'fc1/kernel')).toEqual(latent);
  });

  it('go on from a checkpoint that has them with the bits of going through', async () => {
    const options = { latent: true, optimizer: adam, l2: 1e-3 } as const;
    await using session = await openSession(tinyOptions(options));
    session.setMasks(new Map([['fc1/kernel', kept]]));
    await session.train({ untilStep: 4 });
    const initial = session.read({ slots: true, latents: true });
    expect(session.read({ slots: true }).tensors.has('fc1/kernel:latent')).toBe(false);
    await using other = await openSession(tinyOptions({ ...options, initial, startStep: 4 }));
    for (const each of [session, other]) await each.train({ untilStep: 9 });
    const everything = { slots: true, latents: true };
    expect(bitsOf(other.read(everything))).toEqual(bitsOf(session.read(everything)));
  });
});

describe('frozen layers', () => {
  it('stay as they are to the bit, batch norm with its statistics', async () => {
    const network = tinyNetwork([
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'fc1', units: 6 },
      { type: 'batchNorm', name: 'bn1' },
      { type: 'dense', name: 'fc2', units: 4 },
    ]);
    await using session = await openSession(tinyOptions({ network, frozen: ['fc1', 'bn1'], l2: 0.1 }));
    const before = bitsOf(session.read());
    await session.train({ untilStep: 5 });
    const after = bitsOf(session.read());
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed).toEqual(['fc2/kernel', 'fc2/bias']);
  });
});

describe('shared weights', () => {
  it('keep their codes: weights of one centroid stay equal, and removed ones +0.0', async () => {
    await using first = await openSession(tinyOptions());
    const start = first.read();
    const codes = Uint16Array.from({ length: 432 }, (_, i) => i % 4);
    const tensors = new Map(start.tensors)
      .set('fc1/kernel:codes', { dtype: 'uint16', shape: [36, 12], data: codes })
      .set('fc1/kernel:codebook', float32([3], Float32Array.of(-0.2, 0.1, 0.3)));
    const initial = { ...start, tensors };
    await using session = await openSession(tinyOptions({ initial, shared: true }));
    await session.train({ untilStep: 10 });
    const after = session.read({ slots: true });
    const codebook = valuesOf(after, 'fc1/kernel:codebook');
    expect([...codebook]).not.toEqual([Math.fround(-0.2), Math.fround(0.1), Math.fround(0.3)]);
    valuesOf(after, 'fc1/kernel').forEach((value, i) => {
      expect(Object.is(value, codes[i] === 0 ? 0 : codebook[codes[i] - 1])).toBe(true);
    });
    expect(after.tensors.has('fc1/kernel:codebook:momentum')).toBe(true);
  });
});

describe('shared weights with signs', () => {
  const codes = Uint16Array.from({ length: 432 }, (_, i) => i % 4);
  const minus = Mask.fromFlags(
    [36, 12],
    [...Array(432).keys()].map((i) => Number(i % 5 < 2)),
  );
  const codebook = Float32Array.of(-0.2, 0.1, 0.3);

  async function open(levels: Float32Array, codesOf: Uint16Array, signs?: Mask): Promise<TrainingSession> {
    await using first = await openSession(tinyOptions());
    const start = first.read();
    const tensors = new Map(start.tensors)
      .set('fc1/kernel:codes', { dtype: 'uint16', shape: [36, 12], data: codesOf })
      .set('fc1/kernel:codebook', float32([levels.length], levels));
    if (signs) tensors.set('fc1/kernel:signs', signs.toTensor());
    const plain = {
      optimizer: { kind: 'sgd', momentum: 0 },
      learningRate: { kind: 'constant', base: 1 },
    } as const;
    return openSession(tinyOptions({ ...plain, initial: { ...start, tensors }, shared: true }));
  }

  it('move as pairs of tied levels would: a centroid by what its weights ask for, less what their negatives do', async () => {
    await using session = await open(codebook, codes, minus);
    const doubled = Float32Array.of(...codebook, ...codebook.map((value) => -value));
    const codesOfDoubled = codes.map((code, i) => (code !== 0 && minus.get(i) ? code + 3 : code));
    await using oracle = await open(doubled, codesOfDoubled);
    expect(valuesOf(session.read(), 'fc1/kernel')).toEqual(valuesOf(oracle.read(), 'fc1/kernel'));
    for (const each of [session, oracle]) await each.train({ untilStep: 1 });
    const moved = valuesOf(session.read(), 'fc1/kernel:codebook');
    const apart = valuesOf(oracle.read(), 'fc1/kernel:codebook').map(
      (value, level) => value - doubled[level],
    );
    codebook.forEach((value, level) => {
      expect(moved[level] - value).toBeCloseTo(apart[level] - apart[level + 3], 4);
    });
  });

  it('keep them: what is read is plus or minus the centroid, and the signs are passed on', async () => {
    await using session = await open(codebook, codes, minus);
    await session.train({ untilStep: 5 });
    const read = session.read();
    const levels = valuesOf(read, 'fc1/kernel:codebook');
    valuesOf(read, 'fc1/kernel').forEach((value, i) => {
      const level = codes[i] === 0 ? 0 : levels[codes[i] - 1];
      expect(Object.is(value, codes[i] !== 0 && minus.get(i) ? -level : level)).toBe(true);
    });
    expect(Mask.fromTensor(read.tensors.get('fc1/kernel:signs') as Tensor).equals(minus)).toBe(true);
  });

  it('are not trained straight through, and need signs of their own shape', async () => {
    await using session = await open(codebook, codes, minus);
    const initial = session.read();
    expect(await codeOf(openSession(tinyOptions({ initial, shared: 'straight-through' })))).toBe(
      'ENGINE_OPTION',
    );
    const tensors = new Map(initial.tensors).set('fc1/kernel:signs', Mask.empty([12, 36]).toTensor());
    const turned = { ...initial, tensors };
    expect(await codeOf(openSession(tinyOptions({ initial: turned, shared: true })))).toBe('ENGINE_SNAPSHOT');
  });
});

describe('shared weights that are trained straight through', () => {
  const codes = Uint16Array.from({ length: 432 }, (_, i) => i % 4);
  const codebook = Float32Array.of(-0.2, 0.1, 0.3);
  async function open(changes: Partial<SessionOptions> = {}): Promise<TrainingSession> {
    await using first = await openSession(tinyOptions());
    const start = first.read();
    const tensors = new Map(start.tensors)
      .set('fc1/kernel:codes', { dtype: 'uint16', shape: [36, 12], data: codes })
      .set('fc1/kernel:codebook', float32([3], codebook));
    const initial = { ...start, tensors };
    return openSession(tinyOptions({ initial, shared: 'straight-through', ...changes }));
  }

  it.each([adam, { kind: 'sgd', momentum: 0.9 }] as const)(
    'move behind centroids that stay, and removed ones stay +0.0 (%j)',
    async (optimizer) => {
      await using session = await open({ optimizer, l2: 1e-3 });
      const before = session.latents().get('fc1/kernel') as Float32Array;
      await session.train({ untilStep: 10 });
      const after = session.latents().get('fc1/kernel') as Float32Array;
      const snapshot = session.read({ slots: true });
      expect([...valuesOf(snapshot, 'fc1/kernel:codebook')]).toEqual([...codebook]);
      valuesOf(snapshot, 'fc1/kernel').forEach((value, i) => {
        expect(Object.is(value, codes[i] === 0 ? 0 : codebook[codes[i] - 1])).toBe(true);
        if (codes[i] === 0) expect([before[i], after[i]].every((each) => Object.is(each, 0))).toBe(true);
      });
      expect(after.filter((value, i) => value !== before[i]).length).toBeGreaterThan(200);
      expect([...session.latents().keys()]).toEqual(['fc1/kernel']);
    },
  );

  it('get the gradient that their centroids have: the sum of it over the weights of one is that of the centroid', async () => {
    const plain = {
      optimizer: { kind: 'sgd', momentum: 0 },
      learningRate: { kind: 'constant', base: 1 },
    } as const;
    await using behind = await open(plain);
    await using centroids = await open({ ...plain, shared: true });
    const before = behind.latents().get('fc1/kernel') as Float32Array;
    for (const session of [behind, centroids]) await session.train({ untilStep: 1 });
    const after = behind.latents().get('fc1/kernel') as Float32Array;
    const moved = valuesOf(centroids.read(), 'fc1/kernel:codebook');
    for (const level of [1, 2, 3]) {
      let sum = 0;
      after.forEach((value, i) => (sum += codes[i] === level ? value - before[i] : 0));
      expect(sum).toBeCloseTo(moved[level - 1] - codebook[level - 1], 4);
    }
  });

  it('use other codes and centroids once those are set', async () => {
    await using session = await open();
    await session.train({ untilStep: 3 });
    const latent = session.latents().get('fc1/kernel') as Float32Array;
    const before = await session.evaluate('test');
    const other = codes.map((code) => (code === 0 ? 0 : 4 - code));
    session.setShared(new Map([['fc1/kernel', { codes: other, codebook: Float32Array.of(-0.3, 0.2, 0.4) }]]));
    const read = session.read();
    expect([...(read.tensors.get('fc1/kernel:codes') as Tensor).data]).toEqual([...other]);
    expect(valuesOf(read, 'fc1/kernel')[3]).toBe(Math.fround(-0.3));
    expect(session.latents().get('fc1/kernel')).toEqual(latent);
    expect((await session.evaluate('test')).loss).not.toBe(before.loss);
  });

  it('refuse codes and centroids that do not fit', async () => {
    await using session = await open();
    const set = (name: string, kernel: SharedKernel): (() => void) => {
      return () => session.setShared(new Map([[name, kernel]]));
    };
    expect(set('fc2/kernel', { codes, codebook })).toThrow('fc2/kernel" is not shared');
    expect(set('fc1/kernel', { codes, codebook: codebook.slice(1) })).toThrow('should have 3 centroids');
    expect(set('fc1/kernel', { codes: codes.map(() => 4), codebook })).toThrow('beyond its 3 centroids');
    expect(set('fc1/kernel', { codes: codes.slice(1), codebook })).toThrow('TENSOR_SIZE');
    expect([...valuesOf(session.read(), 'fc1/kernel:codebook')]).toEqual([...codebook]);
  });
});

describe('evaluation', () => {
  it('counts samples of a last batch that is not full, and stops at the limit', async () => {
    await using session = await openSession(
      tinyOptions({ data: { train: tinySamples(20), test: tinySamples(50, { seed: 2 }) } }),
    );
    expect((await session.evaluate('train')).count).toBe(20);
    expect((await session.evaluate('test')).count).toBe(50);
    expect((await session.evaluate('test', { limit: 7 })).count).toBe(7);
    expect(await codeOf(session.evaluate('heldOut'))).toBe('ENGINE_DATA');
  });

  it('gives the same figures for a snapshot in a session of its own', async () => {
    await using session = await openSession(tinyOptions({ network: TINY_CONV }));
    await session.train({ untilStep: 10 });
    const samples = tinySamples(50, { seed: 2 });
    const own = await session.evaluate('test');
    expect(await evaluateSnapshot({ network: TINY_CONV, snapshot: session.read(), samples })).toEqual(own);
    const { tensors } = session.read();
    expect(await evaluateWeights({ network: TINY_CONV, tensors, samples })).toEqual(own);
    const incomplete = [...tensors].slice(1);
    await expect(evaluateWeights({ network: TINY_CONV, tensors: incomplete, samples })).rejects.toThrow(
      `tensor "${[...tensors.keys()][0]}"`,
    );
  });

  it('gives the logits of images that are passed in', async () => {
    await using session = await openSession(tinyOptions());
    const { images, labels, count } = tinySamples(50, { seed: 2 });
    const logits = await session.logits(images, count);
    const wrong = labels.filter((label, i) => {
      const row = logits.subarray(i * 4, i * 4 + 4);
      return row.indexOf(Math.max(...row)) !== label;
    }).length;
    expect(logits.length).toBe(200);
    expect(wrong).toBe((await session.evaluate('test')).wrong);
  });
});

describe('options that cannot be meant', () => {
  it.each([
    ['ENGINE_OPTION', { batchSize: 0 }],
    ['ENGINE_OPTION', { labelSmoothing: 1 }],
    ['ENGINE_OPTION', { shared: true }],
    ['ENGINE_OPTION', { dropout: { fc1: 0.5 } }],
    ['NETWORK_UNKNOWN_LAYER', { frozen: ['fc9'] }],
    ['ENGINE_DATA', { data: { train: { ...tinySamples(20), labels: new Uint8Array(20).fill(4) } } }],
    ['ENGINE_DATA', { data: { train: tinySamples(20, { channels: 2 }) } }],
    ['TENSOR_MISSING', { initial: { network: null, tensors: new Map(), info: {} } }],
  ] as const)('are refused with %s: %j', async (code, changes) => {
    expect(await codeOf(openSession(tinyOptions(changes as Partial<SessionOptions>)))).toBe(code);
  });

  it('include a snapshot whose tensors have another shape', async () => {
    await using session = await openSession(tinyOptions());
    const snapshot = session.read();
    const tensors = new Map(snapshot.tensors).set('fc2/bias', float32([5], new Float32Array(5)));
    expect(await codeOf(openSession(tinyOptions({ initial: { ...snapshot, tensors } })))).toBe(
      'ENGINE_SNAPSHOT',
    );
    expect(() => session.setMasks(new Map([['fc1/kernel', Mask.full([3])]]))).toThrow('ENGINE_SNAPSHOT');
  });
});

function valuesOf(snapshot: Snapshot, name: string): Float32Array {
  return snapshot.tensors.get(name)?.data as Float32Array;
}
