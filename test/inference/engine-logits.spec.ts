/** An artifact gives the same logits by libs/inference as its network by the engine. */
import { Random, type JsonValue } from '@espalier/base';
import { sliceSamples, readMnist } from '@espalier/datasets';
import { decodeArtifact, encodeArtifact, shareWeights, type ArtifactTensor } from '@espalier/encoding';
import { predictSnapshot } from '@espalier/engine';
import { createModel, KERNEL_NAMES, type ModelOptions } from '@espalier/inference';
import { networkByName, parametersOf } from '@espalier/models';
import { sizeOf } from '@espalier/tensor';

const SAMPLES = 9;

/** Random weights, pruned to `keep` and shared by 16 levels, as a file. */
function artifactOf(name: string, keep: number): Uint8Array {
  const network = networkByName(name);
  const random = new Random(7, name);
  const tensors = parametersOf(network).map(({ name: tensor, shape, role }): ArtifactTensor => {
    const inputs = sizeOf(shape.slice(0, -1));
    const scale = role === 'kernel' ? Math.sqrt(2 / (inputs * keep)) : 0.1;
    const kept = (): boolean => role !== 'kernel' || random.uniform() < keep;
    const values = Float32Array.from({ length: sizeOf(shape) }, () => (kept() ? scale * random.normal() : 0));
    if (role !== 'kernel') return { kind: 'dense', name: tensor, shape, values };
    return { kind: 'shared', name: tensor, shape, ...shareWeights(values, { levels: 16 }) };
  });
  // The quick coding: what is tested is what becomes of the weights.
  return encodeArtifact({ network, tensors, options: { codings: ['dense32', 'huffman-index'] } }).bytes;
}

describe.each(['lenet-300-100', 'lenet-5'])('%s', (name) => {
  const bytes = artifactOf(name, 0.1);
  const decoded = decodeArtifact(bytes);
  const { network, tensors } = decoded;
  const snapshot = { network: network as unknown as JsonValue, tensors, info: {} };
  const samples = sliceSamples(readMnist().test, 0, SAMPLES);
  const pixels = Float32Array.from(samples.images, (pixel) => pixel / 255);
  let expected: Float32Array;
  let scale: number;

  beforeAll(async () => {
    expected = await predictSnapshot({ network, snapshot, samples });
    scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  });

  const cases: readonly (ModelOptions & { readonly batch: number })[] = [
    ...([...KERNEL_NAMES, 'measure', 'reference'] as const).map((kernels) => ({
      kernels,
      batch: 1,
    })),
    ...(['sparse', 'dense'] as const).map((kernels) => ({ kernels, batch: SAMPLES })),
  ];

  it.each(cases)('gives the logits of the engine: $kernels, batch $batch', async (options) => {
    const model = await createModel(decoded, options);
    const size = pixels.length / SAMPLES;
    for (let first = 0; first < SAMPLES; first += options.batch) {
      const images = pixels.subarray(first * size, (first + options.batch) * size);
      const logits = model.run(images, options.batch);
      logits.forEach((value, i) => {
        expect(Math.abs(value - expected[first * 10 + i])).toBeLessThan(1e-5 * scale);
      });
    }
  });

  it('predicts what the engine predicts, on all test images', async () => {
    const all = readMnist().test;
    const logits = await predictSnapshot({ network, snapshot, samples: all });
    const model = await createModel(decoded, { batch: all.count });
    const own = model.run(
      Float32Array.from(all.images, (pixel) => pixel / 255),
      all.count,
    );
    const best = (values: Float32Array, i: number): number => {
      const sample = values.subarray(10 * i, 10 * i + 10);
      return sample.indexOf(Math.max(...sample));
    };
    const differing = Array.from({ length: all.count }, (_, i) => i).filter(
      (i) => best(own, i) !== best(logits, i),
    );
    // Two classes that are level may fall either way by rounding.
    const level = (i: number): boolean =>
      Math.abs(logits[10 * i + best(logits, i)] - logits[10 * i + best(own, i)]) < 1e-5 * scale;
    expect(differing.filter((i) => !level(i))).toEqual([]);
  });
});
