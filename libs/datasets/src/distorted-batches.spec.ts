import { Random } from '@espalier/base';
import { augmentationTransforms, transformImages } from './augmentation';
import type { ImageShape, Samples } from './dataset';
import { DistortedBatches } from './distorted-batches';

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
  'nothing at all': {},
};

describe('distorted batches are those of the plain reference', () => {
  it.each(Object.entries(SPECS))('for %s', (_name, spec) => {
    for (const samples of [samplesOf([9, 7, 1], 6), samplesOf([8, 11, 3], 6), samplesOf([12, 12, 1], 6, 3)]) {
      const { shape, images } = samples;
      const size = shape[0] * shape[1] * shape[2];
      const batches = new DistortedBatches(samples, spec);
      for (const indices of [
        [5, 0, 5, 2],
        [1, 2, 3, 4],
      ]) {
        const found = batches.at(indices, new Random(3));
        const chosen = Float32Array.from(
          indices.flatMap((index) => [...images.subarray(index * size, (index + 1) * size)]),
          (byte) => byte / 255,
        );
        const rows = augmentationTransforms(spec, indices.length, [shape[0], shape[1]], new Random(3));
        const expected = transformImages(chosen, shape, rows);
        expect(found).toHaveLength(expected.length);
        const largest = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
        expect(largest).toBeLessThan(1e-6);
      }
    }
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
