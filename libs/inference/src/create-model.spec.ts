import { encodeArtifact } from '@espalier/encoding';
import { checkNetwork, networkByName } from '@espalier/models';
import { asFloat32, type Tensor } from '@espalier/tensor';
import fc from 'fast-check';
import { createModel } from './create-model';
import { KERNEL_NAMES, type KernelName } from './plan';
import type { ModelSource } from './source';
import { randomImages, randomModel, randomWeights, relativeDifference } from './test-support/random-model';

const flatten = { type: 'flatten' };
const head = { type: 'dense', name: 'head', units: 3 };

/** Every type of layer, in the shapes that its code tells apart. */
const LAYERS: Readonly<Record<string, ModelSource>> = {
  'dense on features': randomModel([7], [{ type: 'dense', units: 5 }]),
  'dense without bias': randomModel([7], [{ type: 'dense', units: 5, bias: false }, { type: 'relu' }, head]),
  'dense, wide': randomModel([50], [{ type: 'dense', units: 301 }, { type: 'relu' }, head]),
  'flattened planes': randomModel([3, 5, 2], [flatten, head]),
  convolution: randomModel([9, 7, 1], [{ type: 'conv2d', filters: 5, kernel: 3 }, flatten, head]),
  'convolution over channels': randomModel(
    [6, 11, 3],
    [{ type: 'conv2d', filters: 4, kernel: [2, 3] }, { type: 'relu' }, flatten, head],
  ),
  'convolution, same': randomModel(
    [6, 6, 2],
    [{ type: 'conv2d', filters: 3, kernel: 4, padding: 'same' }, flatten, head],
  ),
  'convolution with a stride': randomModel(
    [13, 11, 2],
    [{ type: 'conv2d', filters: 6, kernel: 5, stride: [3, 2], padding: 'same' }, flatten, head],
  ),
  'convolution with a stride, valid': randomModel(
    [12, 9, 3],
    [{ type: 'conv2d', filters: 4, kernel: 3, stride: 4 }, flatten, head],
  ),
  'convolution in groups': randomModel(
    [8, 8, 6],
    [{ type: 'conv2d', filters: 6, kernel: 3, groups: 2, bias: false }, flatten, head],
  ),
  'convolution in groups of four': randomModel(
    [5, 5, 4],
    [{ type: 'conv2d', filters: 16, kernel: 3, groups: 2, padding: 'same' }, flatten, head],
  ),
  'depthwise convolution': randomModel(
    [7, 7, 3],
    [{ type: 'conv2d', filters: 3, kernel: 3, groups: 3 }, flatten, head],
  ),
  'convolution, wide': randomModel([4, 75, 1], [{ type: 'conv2d', filters: 2, kernel: 3 }, flatten, head]),
  'max pool': randomModel([8, 8, 3], [{ type: 'maxPool', size: 2 }, { type: 'relu' }, flatten, head]),
  'max pool that overlaps': randomModel(
    [9, 9, 2],
    [{ type: 'maxPool', size: 3, stride: 2, padding: 'same' }, flatten, head],
  ),
  'max pool without stride': randomModel(
    [5, 7, 2],
    [{ type: 'maxPool', size: [2, 3], stride: 1 }, flatten, head],
  ),
  'max pool, three apart': randomModel(
    [10, 10, 2],
    [{ type: 'maxPool', size: 2, stride: 3, padding: 'same' }, flatten, head],
  ),
  'average pool': randomModel([8, 8, 3], [{ type: 'averagePool', size: 2 }, flatten, head]),
  'average pool, same': randomModel(
    [7, 5, 2],
    [{ type: 'averagePool', size: 3, stride: 2, padding: 'same' }, { type: 'relu' }, flatten, head],
  ),
  'a window too large to unroll': randomModel(
    [12, 12, 2],
    [
      { type: 'maxPool', size: 9, stride: 1 },
      { type: 'averagePool', size: 9, stride: 2, padding: 'same' },
      flatten,
      head,
    ],
  ),
  'global average pool': randomModel([4, 5, 6], [{ type: 'globalAveragePool' }, head]),
  'batch norm of planes': randomModel([4, 5, 3], [{ type: 'batchNorm' }, { type: 'relu' }, flatten, head]),
  'batch norm of features': randomModel([9], [{ type: 'batchNorm' }, head]),
  'local response norm': randomModel(
    [3, 4, 7],
    [{ type: 'localResponseNorm', radius: 2, alpha: 0.3 }, flatten, head],
  ),
  'local response norm with another exponent': randomModel(
    [3, 4, 5],
    [{ type: 'localResponseNorm', radius: 1, alpha: 0.4, beta: 0.6, bias: 2 }, flatten, head],
  ),
  'relu and dropout alone': randomModel(
    [6],
    [{ type: 'relu' }, { type: 'dropout' }, head, { type: 'dropout' }],
  ),
  'a skip over planes': randomModel(
    [5, 5, 3],
    [
      { type: 'conv2d', name: 'a', filters: 3, kernel: 3, padding: 'same' },
      { type: 'relu', name: 'r' },
      { type: 'conv2d', name: 'b', filters: 3, kernel: 3, padding: 'same' },
      { type: 'add', inputs: ['b', 'r', 'a'] },
      { type: 'relu' },
      flatten,
      head,
    ],
  ),
  'joined planes': randomModel(
    [5, 6, 2],
    [
      { type: 'conv2d', name: 'a', filters: 3, kernel: 1 },
      { type: 'conv2d', name: 'b', filters: 5, kernel: 3, padding: 'same', inputs: ['input'] },
      { type: 'concat', inputs: ['a', 'b', 'input'] },
      { type: 'maxPool', size: 2 },
      flatten,
      head,
    ],
  ),
  'joined and added features': randomModel(
    [6],
    [
      { type: 'dense', name: 'a', units: 6 },
      { type: 'relu', name: 'r' },
      { type: 'concat', name: 'c', inputs: ['r', 'a'] },
      { type: 'dense', name: 'd', units: 6 },
      { type: 'add', inputs: ['d', 'a'] },
      head,
    ],
  ),
};

const KERNELS: readonly KernelName[] = KERNEL_NAMES;

async function logitsOf(
  source: ModelSource,
  options: Parameters<typeof createModel>[1],
  batch: number,
): Promise<Float32Array> {
  const model = await createModel(source, options);
  return model.run(randomImages(source.network, batch), batch);
}

describe.each(Object.entries(LAYERS))('%s', (_, source) => {
  it.each(KERNELS)('gives what the reference gives, by kernel %s', async (kernels) => {
    for (const batch of [1, 5]) {
      const expected = await logitsOf(source, { kernels: 'reference' }, batch);
      for (const options of [{ kernels }, { kernels, batch }]) {
        expect(relativeDifference(await logitsOf(source, options, batch), expected)).toBeLessThan(1e-5);
      }
    }
  });
});

describe('a model', () => {
  const lenet = (levels?: number): ModelSource =>
    randomWeights(networkByName('lenet-300-100'), { keep: 0.08, seed: 3, levels });

  it('gives the same for any batch, whole passes and rests', async () => {
    const source = lenet(16);
    for (const kernels of KERNELS) {
      const model = await createModel(source, { kernels, batch: 64 });
      const images = randomImages(source.network, 45);
      const expected = await logitsOf(source, { kernels: 'reference' }, 45);
      expect(relativeDifference(model.run(images, 45), expected)).toBeLessThan(1e-5);
      expect(
        relativeDifference(model.run(images.subarray(0, 784 * 9), 9), expected.subarray(0, 90)),
      ).toBeLessThan(1e-5);
      expect(relativeDifference(model.run(images.subarray(0, 784)), expected.subarray(0, 10))).toBeLessThan(
        1e-5,
      );
    }
  });

  it('takes layers of any size and sparsity', async () => {
    const nets = fc.record({
      features: fc.integer({ min: 1, max: 70 }),
      units: fc.integer({ min: 1, max: 70 }),
      keep: fc.constantFrom(0, 0.05, 0.5, 1),
      seed: fc.integer({ min: 0, max: 1000 }),
      kernels: fc.constantFrom(...KERNELS),
    });
    await fc.assert(
      fc.asyncProperty(nets, async ({ features, units, keep, seed, kernels }) => {
        const layers = [{ type: 'dense', units }, { type: 'relu' }, head];
        const source = randomModel([features], layers, { keep, seed, levels: 9 });
        const expected = await logitsOf(source, { kernels: 'reference' }, 9);
        const actual = await logitsOf(source, { kernels, batch: 9 }, 9);
        expect(relativeDifference(actual, expected)).toBeLessThan(1e-5);
      }),
      { numRuns: 30 },
    );
  });

  it('takes more outputs, inputs and levels than have byte offsets in 8 and 16 bits', async () => {
    const wide = randomModel([3], [{ type: 'dense', units: 16400 }, head], { keep: 0.4, levels: 100 });
    for (const kernels of KERNELS) {
      const expected = await logitsOf(wide, { kernels: 'reference' }, 1);
      expect(relativeDifference(await logitsOf(wide, { kernels }, 1), expected)).toBeLessThan(1e-5);
    }
    const { plan } = await createModel(wide, { kernels: 'sparse-columns' });
    expect(plan.layers.map(({ kernel }) => kernel)).toEqual(['sparse-columns', 'sparse']);
  });

  it('takes convolutions of any geometry', async () => {
    const nets = fc.record({
      height: fc.integer({ min: 6, max: 20 }),
      width: fc.integer({ min: 6, max: 40 }),
      channels: fc.integer({ min: 1, max: 3 }),
      filters: fc.integer({ min: 1, max: 9 }),
      kernel: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
      stride: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      padding: fc.constantFrom('same', 'valid'),
      kernels: fc.constantFrom<KernelName>('sparse', 'dense'),
      seed: fc.integer({ min: 0, max: 1000 }),
    });
    await fc.assert(
      fc.asyncProperty(nets, async ({ height, width, channels, kernels, seed, ...conv }) => {
        const layers = [{ type: 'conv2d', ...conv }, { type: 'maxPool', size: 1 }, flatten];
        const source = randomModel([height, width, channels], layers, { seed });
        const expected = await logitsOf(source, { kernels: 'reference' }, 1);
        expect(relativeDifference(await logitsOf(source, { kernels }, 1), expected)).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });

  it('runs a file', async () => {
    const { network, tensors, shared } = randomModel([4], [{ type: 'dense', name: 'fc', units: 3 }], {
      levels: 4,
    });
    const { bytes } = encodeArtifact({
      network,
      tensors: [
        {
          kind: 'shared',
          name: 'fc/kernel',
          shape: [4, 3],
          ...(shared?.get('fc/kernel') as { codes: Uint16Array; codebook: Float32Array }),
        },
        { kind: 'dense', name: 'fc/bias', shape: [3], values: asFloat32(tensors.get('fc/bias') as Tensor) },
      ],
    });
    const expected = await logitsOf({ network, tensors }, { kernels: 'reference' }, 1);
    expect(
      relativeDifference((await createModel(bytes)).run(randomImages(network, 1)), expected),
    ).toBeLessThan(1e-6);
  });

  it('chooses the kernel that took the least time, and says what each took', async () => {
    // A clock on which every look takes a millisecond longer than the one before: what comes first is fastest.
    let looks = 0;
    const now = (): number => (++looks * (looks + 1)) / 2;
    const { plan } = await createModel(lenet(16), { now });
    const fc1 = plan.layers.find(({ layer }) => layer === 'fc1');
    expect(fc1).toMatchObject({ kernel: 'sparse', chosen: 'measured', includes: ['relu1'], weights: 235200 });
    expect(Object.keys(fc1?.tried ?? {})).toEqual([...KERNEL_NAMES]);
  });

  it('measures nothing when the kernels are given', async () => {
    const now = (): number => {
      throw new Error('nobody should look at the clock');
    };
    const kernels = { fc1: 'dense', fc2: 'sparse', fc3: 'sparse-codes' } as const;
    const { plan } = await createModel(lenet(16), { kernels, now });
    const chosen = plan.layers.filter(({ type }) => type === 'dense').map(({ kernel }) => kernel);
    expect(chosen).toEqual(['dense', 'sparse', 'sparse-codes']);
  });

  it('measures only some outputs of a large layer, with cold caches, and runs all', async () => {
    const source = randomWeights(
      checkNetwork({ name: 'large', input: [4000], layers: [{ type: 'dense', units: 1100 }] }),
      {
        keep: 0.2,
        seed: 1,
        levels: 3,
      },
    );
    const model = await createModel(source, { batch: 2 });
    const expected = await logitsOf(source, { kernels: 'reference' }, 1);
    expect(relativeDifference(model.run(randomImages(source.network, 1)), expected)).toBeLessThan(1e-5);
    expect(Object.keys(model.plan.layers[0].tried ?? {})).toHaveLength(7);
  });
});

describe('without WebAssembly', () => {
  const { WebAssembly: whole } = globalThis as unknown as { WebAssembly: object };
  const stand = (value: unknown): void => void Object.assign(globalThis, { WebAssembly: value });
  afterEach(() => stand(whole));

  it.each([
    ['there is none', undefined],
    [
      'it is forbidden',
      { instantiate: () => Promise.reject(new Error('refused by the policy of the page')) },
    ],
  ])('the reference runs: %s', async (_, platform) => {
    const source = randomModel([4], [head]);
    stand(platform);
    const model = await createModel(source);
    expect(model.plan).toMatchObject({
      backend: 'reference',
      layers: [{ kernel: 'reference', weights: 12 }],
    });
    stand(whole);
    const images = randomImages(source.network, 3);
    const expected = (await createModel(source)).run(images, 3);
    expect(relativeDifference(model.run(images, 3), expected)).toBeLessThan(1e-6);
  });
});

describe('what does not fit is refused', () => {
  const source = randomModel([4], [head]);

  it('an input of another size', async () => {
    const model = await createModel(source, { kernels: 'sparse' });
    expect(() => model.run(new Float32Array(5))).toThrow('INFERENCE_INPUT');
    expect(() => model.run(new Float32Array(4), 2)).toThrow('INFERENCE_INPUT');
    expect(() => model.run(new Float32Array(0), 0)).toThrow('INFERENCE_BATCH');
  });

  it('a network without one of its tensors, or with one of another shape', async () => {
    const without = new Map([...source.tensors].filter(([name]) => name !== 'head/bias'));
    await expect(createModel({ ...source, tensors: without })).rejects.toThrow('INFERENCE_TENSOR');
    const other = new Map(source.tensors).set('head/bias', source.tensors.get('head/kernel') as Tensor);
    await expect(createModel({ ...source, tensors: other })).rejects.toThrow('INFERENCE_TENSOR');
  });

  it('a sample of another size', async () => {
    await expect(createModel(source, { sample: new Float32Array(6) })).rejects.toThrow('INFERENCE_BATCH');
    await expect(createModel(source, { sample: new Float32Array(0) })).rejects.toThrow('INFERENCE_BATCH');
  });

  it('a kernel or a layer that is not there', async () => {
    await expect(createModel(source, { kernels: 'fast' as KernelName })).rejects.toThrow('INFERENCE_KERNEL');
    await expect(createModel(source, { kernels: { body: 'dense' } })).rejects.toThrow('INFERENCE_KERNEL');
    await expect(createModel(source, { kernels: { head: 'sparse-codes' } })).rejects.toThrow(
      'INFERENCE_KERNEL',
    );
  });

  it('a model that was disposed of', async () => {
    const model = await createModel(source, { kernels: 'dense' });
    model.dispose();
    expect(() => model.run(new Float32Array(4))).toThrow('INFERENCE_DISPOSED');
  });

  it('bytes that are no artifact', async () => {
    await expect(createModel(new Uint8Array(40))).rejects.toThrow('ARTIFACT_MAGIC');
  });
});
