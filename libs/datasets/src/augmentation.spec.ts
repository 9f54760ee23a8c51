import { createHash } from 'node:crypto';
import { Random } from '@espalier/base';
import {
  TRANSFORM_LENGTH,
  drawDistortions,
  isIdentityAugment,
  transformImages,
  type AugmentSpec,
} from './augmentation';

const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0];
const SIZE = [28, 28] as const;
const AFFINE = { shiftPx: 2, rotationDegrees: 12, scale: 0.1, shear: 0.15 };
const BOTH = { scaleY: 0.06, elastic: { grid: 5, px: 0.6 } };

function drawTransforms(spec: AugmentSpec, count: number, size: readonly [number, number], random: Random) {
  return drawDistortions(spec, count, size, random).transforms;
}

/** A transform that reads output (x, y) at input (x - dx, y - dy). */
const shift = (dx: number, dy: number): Float32Array => new Float32Array([1, 0, -dx, 0, 1, -dy, 0, 0]);

describe('drawDistortions', () => {
  it('gives identity rows for a spec without any range', () => {
    const rows = drawTransforms({}, 3, SIZE, new Random(1));
    expect(Array.from(rows, (value) => value + 0)).toEqual([...IDENTITY, ...IDENTITY, ...IDENTITY]);
  });

  it('gives the same rows for the same seed, and others for another', () => {
    const spec = { shiftPx: 2, rotationDegrees: 12, scale: 0.1, shear: 0.15 };
    const draw = (seed: number) => drawTransforms(spec, 5, SIZE, new Random(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('draws shifts that stay inside the range and fill it', () => {
    const rows = drawTransforms({ shiftPx: 2 }, 200, SIZE, new Random(3));
    const shifts = Array.from({ length: 200 }, (_, i) => rows[i * TRANSFORM_LENGTH + 2]);
    expect(Math.max(...shifts)).toBeLessThanOrEqual(2);
    expect(Math.min(...shifts)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...shifts)).toBeGreaterThan(1.8);
    expect(Math.min(...shifts)).toBeLessThan(-1.8);
  });

  it('leaves the centre of the image where it is when nothing is shifted', () => {
    const spec = { rotationDegrees: 40, scale: 0.4, shear: 0.5 };
    const rows = drawTransforms(spec, 50, [9, 15], new Random(5));
    for (let i = 0; i < 50; i++) {
      const [a0, a1, a2, b0, b1, b2] = rows.subarray(i * TRANSFORM_LENGTH);
      expect(a0 * 7 + a1 * 4 + a2).toBeCloseTo(7, 4);
      expect(b0 * 7 + b1 * 4 + b2).toBeCloseTo(4, 4);
    }
  });

  it('keeps areas when it only rotates and shears, and divides them by factor^2 when it scales', () => {
    const determinant = (rows: Float32Array) => rows[0] * rows[4] - rows[1] * rows[3];
    const turned = drawTransforms({ rotationDegrees: 30, shear: 0.4 }, 1, SIZE, new Random(2));
    expect(determinant(turned)).toBeCloseTo(1, 5);
    const scaled = drawTransforms({ scale: 0.5 }, 1, SIZE, new Random(2));
    expect(scaled[0]).toBeCloseTo(scaled[4], 6);
    expect(determinant(scaled)).toBeCloseTo(scaled[0] ** 2, 5);
    expect(scaled[0]).toBeGreaterThanOrEqual(1 / 1.5);
    expect(scaled[0]).toBeLessThanOrEqual(1 / 0.5);
  });

  it('multiplies all ranges by the strength', () => {
    const full = drawTransforms({ shiftPx: 2 }, 10, SIZE, new Random(4));
    const half = drawTransforms({ shiftPx: 2, strength: 0.5 }, 10, SIZE, new Random(4));
    for (let i = 0; i < 10; i++) expect(half[i * 8 + 2]).toBeCloseTo(full[i * 8 + 2] / 2, 5);
  });

  it('distorts about the given share of the samples', () => {
    const rows = drawTransforms({ shiftPx: 2, probability: 0.25 }, 4000, SIZE, new Random(6));
    let changed = 0;
    for (let i = 0; i < 4000; i++) if (rows[i * 8 + 2] !== 0) changed++;
    expect(changed / 4000).toBeCloseTo(0.25, 1);
  });

  it('gives the bits that it gave before there were scaleY and elastic', () => {
    const rows = drawTransforms({ ...AFFINE, probability: 0.8, strength: 0.9 }, 50, SIZE, new Random(5));
    expect(createHash('sha256').update(new Uint8Array(rows.buffer)).digest('hex')).toMatch(
      /^a0510b30bf0e7ad7/,
    );
  });

  it('leaves the generator as if there were no such keys when both are 0', () => {
    const [plain, zeros, both] = [{}, { scaleY: 0, elastic: { grid: 5, px: 0 } }, BOTH].map((more) => {
      const random = new Random(5);
      drawTransforms({ ...AFFINE, ...more }, 9, SIZE, random);
      return random.state();
    });
    expect(zeros).toEqual(plain);
    expect(both).not.toEqual(plain);
  });

  it('draws each of the two irrespective of the other, and of all ranges', () => {
    const draw = (spec: AugmentSpec) => drawDistortions(spec, 6, SIZE, new Random(8));
    const both = draw({ ...AFFINE, ...BOTH });
    expect(draw({ ...AFFINE, scaleY: BOTH.scaleY }).transforms).toEqual(both.transforms);
    expect(draw({ elastic: BOTH.elastic }).displacements).toEqual(both.displacements);
    expect(draw({ ...AFFINE, elastic: BOTH.elastic }).transforms).toEqual(draw(AFFINE).transforms);
  });

  it('scales y alone, about the centre, by a factor in its range', () => {
    const plain = drawTransforms(AFFINE, 200, SIZE, new Random(8));
    const scaled = drawTransforms({ ...AFFINE, scaleY: 0.2 }, 200, SIZE, new Random(8));
    const factors = Array.from({ length: 200 }, (_, i) => plain[i * 8 + 4] / scaled[i * 8 + 4]);
    factors.forEach((factor, i) => {
      expect(scaled.subarray(i * 8, i * 8 + 3)).toEqual(plain.subarray(i * 8, i * 8 + 3));
      expect(scaled[i * 8 + 3] * factor).toBeCloseTo(plain[i * 8 + 3], 5);
      expect((scaled[i * 8 + 5] - 13.5) * factor).toBeCloseTo(plain[i * 8 + 5] - 13.5, 3);
    });
    expect(Math.min(...factors)).toBeGreaterThan(0.79);
    expect(Math.min(...factors)).toBeLessThan(0.82);
    expect(Math.max(...factors)).toBeGreaterThan(1.18);
    expect(Math.max(...factors)).toBeLessThan(1.21);
  });

  it('multiplies scaleY and the pixels of elastic by the strength, too', () => {
    const draw = (spec: AugmentSpec) => drawDistortions(spec, 6, SIZE, new Random(8));
    const halved = draw({ scaleY: 0.2, elastic: { grid: 4, px: 1 }, strength: 0.5 });
    expect(halved).toEqual(draw({ scaleY: 0.1, elastic: { grid: 4, px: 0.5 } }));
  });

  it('leaves samples alone that are not distorted, and gives the others what they would have had', () => {
    const all = drawDistortions({ ...AFFINE, ...BOTH }, 40, SIZE, new Random(8));
    const some = drawDistortions({ ...AFFINE, ...BOTH, probability: 0.5 }, 40, SIZE, new Random(8));
    expect(new Set(some.distorted)).toEqual(new Set([0, 1]));
    some.distorted.forEach((isDistorted, i) => {
      const field = some.displacements?.vectors.subarray(i * 50, (i + 1) * 50);
      const row = some.transforms.subarray(i * 8, (i + 1) * 8);
      if (isDistorted) {
        expect(field).toEqual(all.displacements?.vectors.subarray(i * 50, (i + 1) * 50));
        expect(row).toEqual(all.transforms.subarray(i * 8, (i + 1) * 8));
      } else {
        expect(field?.every((value) => value === 0)).toBe(true);
        expect([...row]).toEqual(IDENTITY);
      }
    });
  });
});

describe('transformImages', () => {
  it('gives the image back under the identity', () => {
    const image = Uint8Array.from({ length: 2 * 3 * 2 }, (_, i) => i * 20);
    expect(Array.from(transformImages(image, [2, 3, 2], { transforms: new Float32Array(IDENTITY) }))).toEqual(
      [...image],
    );
  });

  it('moves pixels by whole steps and fills with 0', () => {
    const image = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Array.from(transformImages(image, [3, 3, 1], { transforms: shift(1, 0) }))).toEqual([
      0, 1, 2, 0, 4, 5, 0, 7, 8,
    ]);
    expect(Array.from(transformImages(image, [3, 3, 1], { transforms: shift(0, -1) }))).toEqual([
      4, 5, 6, 7, 8, 9, 0, 0, 0,
    ]);
  });

  it('mixes neighbours by their distance, with 0 outside', () => {
    const image = Uint8Array.from([100, 200]);
    expect(Array.from(transformImages(image, [1, 2, 1], { transforms: shift(0.25, 0) }))).toEqual([75, 175]);
  });

  it('turns a quarter about the centre', () => {
    const quarter = new Float32Array([0, 1, 0, -1, 0, 2, 0, 0]);
    const image = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Array.from(transformImages(image, [3, 3, 1], { transforms: quarter }))).toEqual([
      7, 4, 1, 8, 5, 2, 9, 6, 3,
    ]);
  });

  it('adds the displacement to where a pixel is read', () => {
    const image = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const vectors = Float64Array.from([0, 0, 0, 0, 0, 0, 0, 0].map((_, k) => (k % 2 === 0 ? 1 : -1)));
    const transforms = shift(0, 0);
    const found = transformImages(image, [3, 3, 1], { transforms, displacements: { grid: 2, vectors } });
    found.forEach((value, k) => expect(value).toBeCloseTo([0, 0, 0, 2, 3, 0, 5, 6, 0][k], 6));
  });

  it('uses the row of each image for that image', () => {
    const images = Uint8Array.from([1, 2, 3, 4]);
    const rows = new Float32Array([...IDENTITY, ...shift(1, 0)]);
    expect(Array.from(transformImages(images, [1, 2, 1], { transforms: rows }))).toEqual([1, 2, 0, 3]);
  });
});

describe('isIdentityAugment', () => {
  it('is true exactly when nothing can change', () => {
    expect(isIdentityAugment(undefined)).toBe(true);
    expect(isIdentityAugment({ strength: 1, probability: 1 })).toBe(true);
    expect(isIdentityAugment({ shiftPx: 2, strength: 0 })).toBe(true);
    expect(isIdentityAugment({ scaleY: 0, elastic: { grid: 5, px: 0 } })).toBe(true);
    expect(isIdentityAugment({ elastic: { grid: 5, px: 1 }, strength: 0 })).toBe(true);
    expect(isIdentityAugment({ shear: 0.1 })).toBe(false);
    expect(isIdentityAugment({ scaleY: 0.1 })).toBe(false);
    expect(isIdentityAugment({ elastic: { grid: 5, px: 0.1 } })).toBe(false);
  });
});
