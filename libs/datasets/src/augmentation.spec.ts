import { Random } from '@espalier/base';
import { TRANSFORM_LENGTH, augmentationTransforms, isIdentityAugment, transformImages } from './augmentation';

const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0];
const SIZE = [28, 28] as const;

/** A transform that reads output (x, y) at input (x - dx, y - dy). */
const shift = (dx: number, dy: number): Float32Array => new Float32Array([1, 0, -dx, 0, 1, -dy, 0, 0]);

describe('augmentationTransforms', () => {
  it('gives identity rows for a spec without any range', () => {
    const rows = augmentationTransforms({}, 3, SIZE, new Random(1));
    expect(Array.from(rows, (value) => value + 0)).toEqual([...IDENTITY, ...IDENTITY, ...IDENTITY]);
  });

  it('gives the same rows for the same seed, and others for another', () => {
    const spec = { shiftPx: 2, rotationDegrees: 12, scale: 0.1, shear: 0.15 };
    const draw = (seed: number) => augmentationTransforms(spec, 5, SIZE, new Random(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('draws shifts that stay inside the range and fill it', () => {
    const rows = augmentationTransforms({ shiftPx: 2 }, 200, SIZE, new Random(3));
    const shifts = Array.from({ length: 200 }, (_, i) => rows[i * TRANSFORM_LENGTH + 2]);
    expect(Math.max(...shifts)).toBeLessThanOrEqual(2);
    expect(Math.min(...shifts)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...shifts)).toBeGreaterThan(1.8);
    expect(Math.min(...shifts)).toBeLessThan(-1.8);
  });

  it('leaves the centre of the image where it is when nothing is shifted', () => {
    const spec = { rotationDegrees: 40, scale: 0.4, shear: 0.5 };
    const rows = augmentationTransforms(spec, 50, [9, 15], new Random(5));
    for (let i = 0; i < 50; i++) {
      const [a0, a1, a2, b0, b1, b2] = rows.subarray(i * TRANSFORM_LENGTH);
      expect(a0 * 7 + a1 * 4 + a2).toBeCloseTo(7, 4);
      expect(b0 * 7 + b1 * 4 + b2).toBeCloseTo(4, 4);
    }
  });

  it('keeps areas when it only rotates and shears, and divides them by factor^2 when it scales', () => {
    const determinant = (rows: Float32Array) => rows[0] * rows[4] - rows[1] * rows[3];
    const turned = augmentationTransforms({ rotationDegrees: 30, shear: 0.4 }, 1, SIZE, new Random(2));
    expect(determinant(turned)).toBeCloseTo(1, 5);
    const scaled = augmentationTransforms({ scale: 0.5 }, 1, SIZE, new Random(2));
    expect(scaled[0]).toBeCloseTo(scaled[4], 6);
    expect(determinant(scaled)).toBeCloseTo(scaled[0] ** 2, 5);
    expect(scaled[0]).toBeGreaterThanOrEqual(1 / 1.5);
    expect(scaled[0]).toBeLessThanOrEqual(1 / 0.5);
  });

  it('multiplies all ranges by the strength', () => {
    const full = augmentationTransforms({ shiftPx: 2 }, 10, SIZE, new Random(4));
    const half = augmentationTransforms({ shiftPx: 2, strength: 0.5 }, 10, SIZE, new Random(4));
    for (let i = 0; i < 10; i++) expect(half[i * 8 + 2]).toBeCloseTo(full[i * 8 + 2] / 2, 5);
  });

  it('distorts about the given share of the samples', () => {
    const rows = augmentationTransforms({ shiftPx: 2, probability: 0.25 }, 4000, SIZE, new Random(6));
    let changed = 0;
    for (let i = 0; i < 4000; i++) if (rows[i * 8 + 2] !== 0) changed++;
    expect(changed / 4000).toBeCloseTo(0.25, 1);
  });
});

describe('transformImages', () => {
  it('gives the image back under the identity', () => {
    const image = Uint8Array.from({ length: 2 * 3 * 2 }, (_, i) => i * 20);
    expect(Array.from(transformImages(image, [2, 3, 2], new Float32Array(IDENTITY)))).toEqual([...image]);
  });

  it('moves pixels by whole steps and fills with 0', () => {
    const image = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Array.from(transformImages(image, [3, 3, 1], shift(1, 0)))).toEqual([0, 1, 2, 0, 4, 5, 0, 7, 8]);
    expect(Array.from(transformImages(image, [3, 3, 1], shift(0, -1)))).toEqual([4, 5, 6, 7, 8, 9, 0, 0, 0]);
  });

  it('mixes neighbours by their distance, with 0 outside', () => {
    const image = Uint8Array.from([100, 200]);
    expect(Array.from(transformImages(image, [1, 2, 1], shift(0.25, 0)))).toEqual([75, 175]);
  });

  it('turns a quarter about the centre', () => {
    const quarter = new Float32Array([0, 1, 0, -1, 0, 2, 0, 0]);
    const image = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Array.from(transformImages(image, [3, 3, 1], quarter))).toEqual([7, 4, 1, 8, 5, 2, 9, 6, 3]);
  });

  it('uses the row of each image for that image', () => {
    const images = Uint8Array.from([1, 2, 3, 4]);
    const rows = new Float32Array([...IDENTITY, ...shift(1, 0)]);
    expect(Array.from(transformImages(images, [1, 2, 1], rows))).toEqual([1, 2, 0, 3]);
  });
});

describe('isIdentityAugment', () => {
  it('is true exactly when nothing can change', () => {
    expect(isIdentityAugment(undefined)).toBe(true);
    expect(isIdentityAugment({ strength: 1, probability: 1 })).toBe(true);
    expect(isIdentityAugment({ shiftPx: 2, strength: 0 })).toBe(true);
    expect(isIdentityAugment({ shear: 0.1 })).toBe(false);
  });
});
