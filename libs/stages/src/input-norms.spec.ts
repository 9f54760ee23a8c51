/** Norms of inputs, as criteria get them: by hand, and in a run. */
import { Random, type JsonValue } from '@espalier/base';
import type { Samples } from '@espalier/datasets';
import { checkNetwork, parametersOf } from '@espalier/models';
import { definePlugin, manifestOf } from '@espalier/plugin-api';
import { float32, sizeOf, type Snapshot } from '@espalier/tensor';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputNormsOf } from './input-norms';
import { runInProcess } from './in-process';
import { pluginsInProcess } from './plugins';
import { BARS, barsRecipe, openPlace } from './testing-bars';

const COUNT = 7;

function drawn(shape: readonly number[], seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
}

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

describe('inputNormsOf', () => {
  const network = checkNetwork({
    name: 'branches',
    input: [4, 4, 2],
    layers: [
      { type: 'conv2d', name: 'c1', filters: 4, kernel: 1 },
      { type: 'relu', name: 'r1' },
      { type: 'conv2d', name: 'c2', filters: 2, kernel: 1, groups: 2 },
      { type: 'conv2d', name: 'c3', filters: 2, kernel: 1, inputs: ['r1'] },
      { type: 'add', name: 'sum', inputs: ['c2', 'c3'] },
      { type: 'flatten', name: 'flat' },
      { type: 'dense', name: 'fc', units: 3 },
    ],
  });
  const parameters = parametersOf(network);
  const tensors = new Map(
    parameters.map(({ name, shape }, i) => [name, float32(shape, drawn(shape, i))] as const),
  );
  const snapshot: Snapshot = { network: network as unknown as JsonValue, tensors, info: {} };
  const random = new Random(9);
  const samples: Samples = {
    images: Uint8Array.from({ length: COUNT * 32 }, () => random.below(256)),
    labels: new Uint8Array(COUNT),
    count: COUNT,
    shape: [4, 4, 2],
  };
  const valueOf = (name: string): Float32Array => tensors.get(name)?.data as Float32Array;
  const pixels = Array.from(samples.images, (byte) => byte / 255);
  /** A 1x1 convolution of `inputs` channels, position by position. */
  const convolved = (values: readonly number[], layer: string, groups = 1): number[] => {
    const [, , inputs, outputs] = parameters.find(({ name }) => name === `${layer}/kernel`)?.shape ?? [];
    const channels = inputs * groups;
    const [kernel, bias] = [valueOf(`${layer}/kernel`), valueOf(`${layer}/bias`)];
    return Array.from({ length: (values.length / channels) * outputs }, (_, at) => {
      const [position, o] = [Math.floor(at / outputs), at % outputs];
      const first = Math.floor(o / (outputs / groups)) * inputs;
      let sum = bias[o];
      for (let i = 0; i < inputs; i++)
        sum += values[position * channels + first + i] * kernel[i * outputs + o];
      return sum;
    });
  };
  const channelOf = (values: readonly number[], channels: number, channel: number): number[] =>
    values.filter((_, i) => i % channels === channel);

  it('is the root mean square over samples and positions, of pixels and of what layers give', async () => {
    const norms = await inputNormsOf(snapshot, samples, 100);
    const first = convolved(pixels, 'c1').map((value) => Math.max(0, value));
    const [two, three] = [convolved(first, 'c2', 2), convolved(first, 'c3')];
    const expected: Readonly<Record<string, readonly number[]>> = {
      'c1/kernel': [0, 1].map((c) => rms(channelOf(pixels, 2, c))),
      // Of two groups of two channels.
      'c2/kernel': [0, 1].map((c) => rms([...channelOf(first, 4, c), ...channelOf(first, 4, 2 + c)])),
      'c3/kernel': [0, 1, 2, 3].map((c) => rms(channelOf(first, 4, c))),
      'fc/kernel': Array.from({ length: 32 }, (_, i) =>
        rms(
          channelOf(
            two.map((value, at) => value + three[at]),
            32,
            i,
          ),
        ),
      ),
    };
    expect([...norms.keys()]).toEqual(Object.keys(expected));
    for (const [name, values] of Object.entries(expected)) {
      const actual = [...(norms.get(name) ?? [])];
      expect(actual).toHaveLength(values.length);
      actual.forEach((value, i) => expect(value).toBeCloseTo(values[i], 4));
    }
  });

  it('looks at as many samples as it is told, evenly spread', async () => {
    const norms = await inputNormsOf(snapshot, samples, 2);
    const some = [0, 3].flatMap((at) => pixels.slice(at * 32, (at + 1) * 32));
    expect(norms.get('c1/kernel')?.[1]).toBeCloseTo(rms(channelOf(some, 2, 1)), 5);
  });
});

const RECIPE = `${barsRecipe({ units: 8 })}plugins: { wanda: { from: npm } }
train: { epochs: 2, batchSize: 20, learningRate: { kind: constant, base: 0.01 } }
prune: { criterion: wanda/wanda, keep: { layers: { fc1: 0.3, fc2: 0.5 } } }
retrain: { epochs: 2, learningRate: { kind: constant, base: 0.01 } }
`;

it.each([
  ['of a round', []],
  ['inside a training', ['prune.during={everySteps: 20, untilShare: 0.5}']],
])('a criterion that declares them gets them: in a pruning %s', async (_, sets) => {
  const seen: Float32Array[] = [];
  const wanda = definePlugin({
    name: 'wanda',
    version: '1.0.0',
    host: '^1.0.0',
    criteria: {
      wanda: {
        needs: ['weights', 'inputNorms'],
        score: ({ name, weights, shape, inputNorms = new Float32Array(0) }) => {
          if (name === 'fc1/kernel') seen.push(inputNorms.slice());
          return weights.map((weight, i) => Math.abs(weight) * inputNorms[Math.floor(i / shape[1])]);
        },
      },
    },
  });
  const digest = 'f'.repeat(64);
  const folder = await mkdtemp(join(tmpdir(), 'espalier-norms-'));
  try {
    const facts = { wanda: { manifest: manifestOf(wanda), digest } };
    const place = await openPlace(folder, RECIPE, sets, facts);
    await runInProcess(place.recipe, { ...place, plugins: pluginsInProcess([{ plugin: wanda, digest }]) });
  } finally {
    await rm(folder, { recursive: true });
  }
  // Of all 600 images that are trained on, or of fewer: pixels of bars are 0 to 1, and none is always dark.
  expect(seen.length).toBeGreaterThan(0);
  for (const norms of seen) {
    expect(norms).toHaveLength(64);
    expect(Math.min(...norms)).toBeGreaterThan(0.05);
    expect(Math.max(...norms)).toBeLessThan(1);
  }
  const { images, count } = { images: BARS.train.images.subarray(0, 600 * 64), count: 600 };
  const pixel = Array.from({ length: count }, (__, i) => images[i * 64 + 5] / 255);
  expect(Math.abs(seen[0][5] - rms(pixel))).toBeLessThan(sets.length > 0 ? 0.1 : 1e-4);
});
