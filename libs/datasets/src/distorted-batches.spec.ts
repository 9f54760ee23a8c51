import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Random } from '@espalier/base';
import fc from 'fast-check';
import { drawDistortions, transformImages, type AugmentSpec } from './augmentation';
import type { ImageShape, Samples } from './dataset';
import { DistortedAhead } from './ahead/distorted-ahead';
import { KERNEL_HEX } from './ahead/kernel-hex';
import { sliceSamples } from './dataset';
import { DistortedBatches } from './distorted-batches';
import { readMnist } from './mnist';

/** Noise inside a frame of zeros of `frame` pixels. */
function samplesOf(shape: ImageShape, count: number, frame = 0): Samples {
  const [height, width, channels] = shape;
  const random = new Random(9);
  const images = Uint8Array.from({ length: count * height * width * channels }, (_, i) => {
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width) % height;
    const isFrame = Math.min(x, y, width - 1 - x, height - 1 - y) < frame;
    return isFrame ? 0 : random.below(256);
  });
  return { images, labels: new Uint8Array(count), count, shape };
}

const SPECS = {
  'all ranges': { shiftPx: 2, rotationDegrees: 40, scale: 0.4, shear: 0.4 },
  'whole turns of the sign of a slope': { rotationDegrees: 180 },
  'shifts out of the image': { shiftPx: 30 },
  'some samples only': { shiftPx: 1.5, probability: 0.5 },
  'an elastic field alone': { elastic: { grid: 3, px: 1 } },
  'elastic fields of some samples': { scaleY: 0.1, elastic: { grid: 5, px: 0.6 }, probability: 0.5 },
  'quarter turns of an elastic field': { rotationDegrees: 90, elastic: { grid: 2, px: 2 } },
  'nothing at all': {},
};

/** The same samples by the plain reference. */
function plainly(
  { images, shape }: Samples,
  spec: AugmentSpec,
  { indices, seed }: { readonly indices: readonly number[]; readonly seed: number },
): Float32Array {
  const size = shape[0] * shape[1] * shape[2];
  const chosen = Float32Array.from(
    indices.flatMap((index) => [...images.subarray(index * size, (index + 1) * size)]),
    (byte) => byte / 255,
  );
  const drawn = drawDistortions(spec, indices.length, [shape[0], shape[1]], new Random(seed));
  return transformImages(chosen, shape, drawn);
}

function largestDifference(found: Float32Array, expected: Float32Array): number {
  expect(found).toHaveLength(expected.length);
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
}

describe('distorted batches are those of the plain reference', () => {
  it.each(Object.entries(SPECS))('for %s', (_name, spec) => {
    for (const samples of [samplesOf([9, 7, 1], 6), samplesOf([8, 11, 3], 6), samplesOf([12, 12, 1], 6, 3)]) {
      const batches = new DistortedBatches(samples, spec);
      for (const indices of [
        [5, 0, 5, 2],
        [1, 2, 3, 4],
      ]) {
        const expected = plainly(samples, spec, { indices, seed: 3 });
        expect(largestDifference(batches.at(indices, new Random(3)), expected)).toBeLessThan(1e-6);
      }
    }
  });

  it('for any shape of image, any ranges and any field', () => {
    const range = (max: number) => fc.double({ min: 0, max, noNaN: true });
    const arbitrary = fc.record({
      shape: fc.tuple(
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 1, max: 2 }),
      ),
      frame: fc.integer({ min: 0, max: 5 }),
      seed: fc.nat(),
      spec: fc.record({
        shiftPx: range(5),
        rotationDegrees: fc.oneof(fc.constant(0), range(180)),
        scale: range(0.9),
        scaleY: range(0.9),
        shear: range(2),
        elastic: fc.record({ grid: fc.integer({ min: 2, max: 17 }), px: range(4) }),
        strength: range(1),
        probability: fc.constantFrom(0.5, 1),
      }),
    });
    fc.assert(
      fc.property(arbitrary, ({ shape, frame, seed, spec }) => {
        const samples = samplesOf(shape, 3, frame);
        const indices = [2, 0, 1];
        const found = new DistortedBatches(samples, spec).at(indices, new Random(seed));
        expect(largestDifference(found, plainly(samples, spec, { indices, seed }))).toBeLessThan(1e-6);
      }),
    );
  });

  it('of an empty image, too', () => {
    const samples: Samples = {
      images: new Uint8Array(25),
      labels: new Uint8Array(1),
      count: 1,
      shape: [5, 5, 1],
    };
    const batches = new DistortedBatches(samples, SPECS['all ranges']);
    expect([...batches.at([0], new Random(1))]).toEqual(new Array(25).fill(0));
  });
});

describe('distorted ahead, by whichever thread is free, batches have the same bits', () => {
  it.each(Object.entries(SPECS))('for %s', (_name, spec) => {
    for (const samples of [
      samplesOf([9, 7, 1], 20),
      samplesOf([8, 11, 3], 20),
      samplesOf([12, 12, 1], 20, 3),
    ]) {
      for (const [count, threads] of [
        [20, 2],
        [3, 2],
        [17, 1],
      ]) {
        const plain = new DistortedBatches(samples, spec);
        const ahead = new DistortedAhead(samples, spec, { batchSize: count, threads });
        for (let batch = 0; batch < 4; batch++) {
          const indices = Array.from({ length: count }, (_, i) => (7 * i + batch) % 20);
          ahead.begin(indices, new Random(batch));
          const found = Buffer.from(ahead.finish().buffer).toString('hex');
          const { buffer } = plain.at(indices, new Random(batch));
          expect(found).toBe(Buffer.from(buffer).toString('hex'));
        }
        ahead.close();
      }
    }
  });

  it('also of empty images, and of those of the numbers that people write', () => {
    const blank: Samples = { ...samplesOf([5, 5, 1], 4), images: new Uint8Array(100) };
    const { train } = readMnist();
    const spec = { rotationDegrees: 12, scale: 0.1, shiftPx: 2, shear: 0.15, elastic: { grid: 5, px: 0.8 } };
    for (const samples of [blank, sliceSamples(train, 0, 256)]) {
      const indices = Array.from({ length: samples.count }, (_, i) => i);
      const ahead = new DistortedAhead(samples, spec, { batchSize: samples.count, threads: 2 });
      ahead.begin(indices, new Random(5));
      const expected = new DistortedBatches(samples, spec).at(indices, new Random(5));
      expect(ahead.finish()).toEqual(expected);
      ahead.close();
    }
  });

  it('the committed kernel is the one that the compiler makes', () => {
    const build = join(__dirname, '../../../tools/assembly/build-kernel.mjs');
    const hex = execFileSync(process.execPath, [build, 'datasets', '--print'], { encoding: 'utf8' });
    expect(hex).toBe(KERNEL_HEX);
  });
});

describe('distorted batches', () => {
  it('have the bits that they had before there were scaleY and elastic', () => {
    const random = new Random(9);
    const images = Uint8Array.from({ length: 4 * 12 * 10 }, () => random.below(256));
    const samples: Samples = { images, labels: new Uint8Array(4), count: 4, shape: [12, 10, 1] };
    const spec = {
      shiftPx: 2,
      rotationDegrees: 12,
      scale: 0.1,
      shear: 0.15,
      probability: 0.8,
      strength: 0.9,
    };
    const batches = new DistortedBatches(samples, spec);
    const draws = new Random(3);
    const digests = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
    ].map((indices) =>
      createHash('sha256')
        .update(new Uint8Array(batches.at(indices, draws).buffer))
        .digest('hex')
        .slice(0, 16),
    );
    expect(digests).toEqual(['61ccfff3537b93d6', 'bb4d23675ec40322']);
  });

  it('leave samples that are not distorted as they are, next to fields of others', () => {
    const samples = samplesOf([8, 11, 1], 6);
    const spec = { elastic: { grid: 4, px: 1 }, probability: 0.5 };
    const { distorted } = drawDistortions(spec, 6, [8, 11], new Random(1));
    const found = new DistortedBatches(samples, spec).at([0, 1, 2, 3, 4, 5], new Random(1));
    const original = samples.images;
    expect(new Set(distorted)).toEqual(new Set([0, 1]));
    distorted.forEach((isDistorted, i) => {
      const pixels = found.subarray(i * 88, (i + 1) * 88).map((value) => Math.round(value * 255));
      const same = pixels.every((value, k) => value === original[i * 88 + k]);
      expect(same).toBe(isDistorted === 0);
    });
  });
});
