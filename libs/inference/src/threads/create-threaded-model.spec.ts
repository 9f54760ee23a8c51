import { once } from 'node:events';
import type { StartThread } from '@espalier/threads';
import { Worker } from 'node:worker_threads';
import { describePlan, KERNEL_NAMES } from '../plan';
import { parametersFrom } from '../source';
import { randomImages, randomModel, relativeDifference } from '../test-support/random-model';
import { wasmPlatform, type WasmPlatform } from '../wasm/platform';
import { createModel } from './create-threaded-model';
import { buildThreaded } from './threaded-program';

const relu = { type: 'relu' };
/** Layers above and below the size from which on threads are used; a ReLU behind, none, and one that others read too. */
const SOURCE = randomModel(
  [260],
  [
    { type: 'dense', name: 'fc1', units: 1003 },
    { type: 'relu', name: 'r1' },
    { type: 'dense', name: 'fc2', units: 401, bias: false },
    { type: 'dense', name: 'fc3', units: 401, inputs: ['r1'] },
    { type: 'relu', name: 'r3' },
    { type: 'add', inputs: ['fc2', 'r3', 'fc3'] },
    { type: 'dense', name: 'small', units: 30 },
    relu,
    { type: 'dense', name: 'head', units: 10 },
  ],
  { keep: 0.4, levels: 20 },
);

const noThread: StartThread = () => {
  throw new Error('nobody needs a thread');
};

describe('a model with threads', () => {
  it.each(KERNEL_NAMES)('gives the same bits with any number of them, by kernel %s', async (kernels) => {
    const images = randomImages(SOURCE.network, 11);
    const reference = (await createModel(SOURCE, { kernels: 'reference' })).run(images, 11);
    for (const batch of [1, 11]) {
      const logits: Float32Array[] = [];
      for (const threads of [1, 2, 5]) {
        const model = await createModel(SOURCE, { kernels, threads, batch });
        for (let i = 0; i < 3; i++) logits.push(model.run(images, 11));
        const split = model.plan.layers.filter((layer) => layer.threads === threads);
        expect(split.map(({ layer }) => layer)).toEqual(threads === 1 ? [] : ['fc1', 'fc2', 'fc3']);
        model.dispose();
      }
      expect(relativeDifference(logits[0], reference)).toBeLessThan(1e-5);
      for (const each of logits) expect(each).toEqual(logits[0]);
    }
  });

  it('starts none for small layers', async () => {
    const small = randomModel([300], [{ type: 'dense', units: 200 }]);
    const { plan } = await createModel(small, { kernels: 'sparse', threads: 4, startThread: noThread });
    expect(plan.layers.map(({ threads }) => threads)).toEqual([undefined]);
  });

  it('ends them when it is disposed of', async () => {
    const threads: Worker[] = [];
    const startThread: StartThread = (source, options) => {
      threads.push(new Worker(source, options));
      return threads[threads.length - 1];
    };
    const model = await createModel(SOURCE, { kernels: 'sparse', threads: 3, startThread });
    expect(threads).toHaveLength(2);
    model.dispose();
    await Promise.all(threads.map((thread) => (thread.threadId === -1 ? undefined : once(thread, 'exit'))));
    expect(() => model.run(randomImages(SOURCE.network, 1))).toThrow('INFERENCE_DISPOSED');
  });

  it.each([0, 1.5, 65, NaN])('refuses %d of them', async (threads) => {
    await expect(createModel(SOURCE, { threads })).rejects.toThrow('INFERENCE_THREADS');
  });
});

describe('as many threads as pay', () => {
  const spec = {
    network: SOURCE.network,
    parameters: parametersFrom(SOURCE),
    passes: [1],
    kernels: () => ({ single: 'sparse', batch: 'sparse' }) as const,
  };
  /** By layer and count, in the order in which they are measured, what the clock shows to have passed. */
  async function chosen(passed: readonly number[]): Promise<Readonly<Record<string, unknown>>> {
    let looks = 0;
    let ms = 0;
    const now = (): number => {
      // Each layer: 15 rounds of three numbers of threads, with two looks each.
      if (looks % 2 === 1) ms += passed[3 * Math.floor(looks / 90) + (((looks - 1) / 2) % 3)];
      looks++;
      return ms;
    };
    const platform = (await wasmPlatform()) as WasmPlatform;
    const program = await buildThreaded(platform, spec, { threads: 'measure', cores: 3, now });
    const images = randomImages(SOURCE.network, 1);
    const alone = await createModel(SOURCE, { kernels: 'sparse', threads: 1 });
    expect(program.run(images, 1)).toEqual(alone.run(images));
    program.close?.();
    return Object.fromEntries(program.layers ?? []);
  }

  it('are found by measuring, layer by layer', async () => {
    const tried = (...ms: number[]): object => ({
      '1 thread': 1000 * ms[0],
      '2 threads': 1000 * ms[1],
      '3 threads': 1000 * ms[2],
    });
    expect(await chosen([8, 4, 2, 8, 4, 5, 8, 4, 3.75])).toEqual({
      fc1: { threads: 3, tried: tried(8, 4, 2) },
      fc2: { threads: 2, tried: tried(8, 4, 5) },
      fc3: { threads: 2, tried: tried(8, 4, 3.75) },
    });
    expect(await chosen([8, 4, 8, 8, 8, 8, 8, 16, 16])).toMatchObject({
      fc1: { threads: 2 },
      fc2: { threads: 1 },
      fc3: { threads: 1 },
    });
    expect(await chosen([8, 9, 9, 8, 9, 9, 8, 9, 9])).toMatchObject({
      fc1: { threads: 1 },
      fc3: { threads: 1 },
    });
  });

  it('stand in the plan', async () => {
    const model = await createModel(SOURCE, { kernels: 'sparse', threads: 2 });
    expect(describePlan(model.plan)).toContain('fc1 + r1; sparse; 2 threads; ');
    model.dispose();
  });
});
