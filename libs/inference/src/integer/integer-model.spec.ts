import { Random } from '@espalier/base';
import { networkByName } from '@espalier/models';
import { createModel } from '../create-model';
import type { ModelSource } from '../source';
import { randomImages, randomModel, randomWeights } from '../test-support/random-model';
import { createIntegerModel } from './create-integer-model';
import { runIntegerReference } from './integer-reference';

const relu = { type: 'relu' };
const CASES: Readonly<Record<string, ModelSource>> = {
  'LeNet-5': randomWeights(networkByName('lenet-5'), { keep: 0.3, seed: 2 }),
  'LeNet-300-100': randomWeights(networkByName('lenet-300-100'), { keep: 0.1, seed: 3 }),
  'borders, strides, odd channels': randomModel(
    [9, 11, 3],
    [
      { type: 'conv2d', name: 'c1', filters: 7, kernel: 3, padding: 'same', stride: 2 },
      relu,
      { type: 'conv2d', name: 'c2', filters: 5, kernel: [1, 2], padding: 'same' },
      { type: 'flatten' },
      { type: 'dense', name: 'd1', units: 6 },
    ],
    { keep: 1 },
  ),
  'no relu: signed activations, pooled': randomModel(
    [8, 8, 2],
    [
      { type: 'conv2d', name: 'c1', filters: 6, kernel: 3, bias: false },
      { type: 'maxPool', size: 2 },
      { type: 'conv2d', name: 'c2', filters: 20, kernel: 2 },
      { type: 'maxPool', size: 2, stride: 1 },
      relu,
      { type: 'flatten' },
      { type: 'dropout', rate: 0.5 },
      { type: 'dense', name: 'd1', units: 3 },
    ],
    { keep: 0.8 },
  ),
  'few positions, odd channels': randomModel(
    [4, 4, 1],
    [
      { type: 'conv2d', name: 'c1', filters: 3, kernel: 3 },
      relu,
      { type: 'conv2d', name: 'c2', filters: 5, kernel: 2 },
      { type: 'flatten' },
      { type: 'dense', name: 'd', units: 2 },
    ],
    { keep: 1 },
  ),
};

describe.each(Object.keys(CASES))('%s in whole numbers', (name) => {
  const source = CASES[name];
  const samples = randomImages(source.network, 40, 5);

  it('gives what plain loops over the same numbers give, to the bit', async () => {
    const model = await createIntegerModel(source, { samples });
    const images = randomImages(source.network, 3, 6);
    expect([...model.run(images, 3)]).toEqual([...runIntegerReference(model.quantised, images, 3)]);
    // Nothing of a sample is left for the next.
    expect(model.run(images, 3)).toEqual(model.run(images, 3));
  });

  it('is near to what floats give', async () => {
    const integer = await createIntegerModel(source, { samples });
    const float = await createModel(source, { kernels: 'reference' });
    const images = randomImages(source.network, 8, 7);
    const [actual, expected] = [integer.run(images, 8), float.run(images, 8)];
    const power = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);
    const error = power(actual.map((value, i) => value - expected[i])) / power(expected);
    expect(Math.sqrt(error)).toBeLessThan(0.03);
  });
});

it('inputs of both signs are codes of both signs', async () => {
  const source = randomModel([6], [{ type: 'dense', name: 'd', units: 4 }], { keep: 1 });
  const random = new Random(3);
  const samples = Float32Array.from({ length: 6 * 50 }, () => random.normal());
  const model = await createIntegerModel(source, { samples });
  const [first] = model.quantised.steps;
  expect(first).toMatchObject({ inputIsUnsigned: false });
  expect([...model.run(samples, 50)]).toEqual([...runIntegerReference(model.quantised, samples, 50)]);
});

it('a percentile clips the few that are far off', async () => {
  const source = randomModel([4], [{ type: 'dense', name: 'd', units: 2 }], { keep: 1 });
  const samples = Float32Array.from({ length: 4_000 }, (_, i) => (i === 7 ? 100 : (i % 10) / 10));
  const scaleBy = async (percentile?: number): Promise<number> => {
    const given = { samples, ...(percentile !== undefined && { percentile }) };
    return (await createIntegerModel(source, given)).quantised.input.scale;
  };
  expect(await scaleBy()).toBeCloseTo(100 / 255, 6);
  expect(await scaleBy(0.999)).toBeLessThan(1 / 200);
});

it.each([
  [
    [{ type: 'averagePool', size: 2 }, { type: 'flatten' }, { type: 'dense', name: 'd', units: 2 }],
    /a averagePool/,
  ],
  [[relu, { type: 'flatten' }, { type: 'dense', name: 'd', units: 2 }], /before all weights/],
  [[{ type: 'flatten' }, { type: 'dense', name: 'd', units: 2 }, relu], /the last layer must have weights/],
  [
    [
      { type: 'conv2d', name: 'c', filters: 4, kernel: 1, groups: 2 },
      { type: 'flatten' },
      { type: 'dense', name: 'd', units: 2 },
    ],
    /it has groups/,
  ],
])('what it cannot compute it refuses by name: %#', async (layers, problem) => {
  const source = randomModel([4, 4, 2], layers);
  const samples = randomImages(source.network, 2);
  await expect(createIntegerModel(source, { samples })).rejects.toThrow(problem);
});

it('refuses samples that are no inputs', async () => {
  const source = randomModel([4], [{ type: 'dense', name: 'd', units: 2 }]);
  await expect(createIntegerModel(source, { samples: new Float32Array(6) })).rejects.toThrow(
    'INFERENCE_CALIBRATION',
  );
});
