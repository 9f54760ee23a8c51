/**
 * Random affine distortion of images: each sample is rotated, scaled, sheared and shifted about the image's centre. The
 * matrices are drawn here, from a seeded generator; who applies them (TensorFlow, or `transformImages`) is the caller's choice.
 */
import type { Random } from '@espalier/base';

export interface AugmentSpec {
  /** Shift along each axis, uniform in [-shiftPx, shiftPx] pixels; need not be whole. */
  readonly shiftPx?: number;
  /** Uniform in [-rotationDegrees, rotationDegrees]. */
  readonly rotationDegrees?: number;
  /** Both axes are scaled by one factor, uniform in [1 - scale, 1 + scale]; in [0, 1). */
  readonly scale?: number;
  /** x moves by this many pixels for each pixel of y, uniform in [-shear, shear]. */
  readonly shear?: number;
  /** Multiplies the four ranges above. Default 1. */
  readonly strength?: number;
  /** Share of the samples that are distorted; the others stay as they are. Default 1. */
  readonly probability?: number;
}

/** A row of a projective transform: a0, a1, a2, b0, b1, b2, c0, c1. */
export const TRANSFORM_LENGTH = 8;

/** Whether the spec leaves every image as it is, so that the step can be left out. */
export function isIdentityAugment(spec: AugmentSpec | undefined): boolean {
  if (spec === undefined) return true;
  const range = Math.max(spec.shiftPx ?? 0, spec.rotationDegrees ?? 0, spec.scale ?? 0, spec.shear ?? 0);
  return range === 0 || spec.strength === 0 || spec.probability === 0;
}

/**
 * Draws one transform for each of `count` samples of [height, width] pixels. The rows are as TensorFlow's
 * `ImageProjectiveTransformV3` takes them: the *output* pixel (x, y) is read at the *input* position
 * ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) with k = c0 x + c1 y + 1, which is 1 here.
 *
 * Each sample takes six draws whatever the spec says, so that a changed range does not shift the draws of the others.
 *
 * @returns [count, 8]; identity rows for a spec without any distortion
 */
export function augmentationTransforms(
  spec: AugmentSpec,
  count: number,
  [height, width]: readonly [number, number],
  random: Random,
): Float32Array {
  const strength = spec.strength ?? 1;
  const probability = spec.probability ?? 1;
  const maxShift = (spec.shiftPx ?? 0) * strength;
  const maxAngle = ((spec.rotationDegrees ?? 0) * strength * Math.PI) / 180;
  const maxScale = (spec.scale ?? 0) * strength;
  const maxShear = (spec.shear ?? 0) * strength;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;

  const rows = new Float32Array(count * TRANSFORM_LENGTH); /* [count, 8] */
  for (let i = 0; i < count; i++) {
    const distorted = random.uniform() < probability;
    const angle = symmetric(random, maxAngle);
    const factor = 1 + symmetric(random, maxScale);
    const shear = symmetric(random, maxShear);
    const shiftX = symmetric(random, maxShift);
    const shiftY = symmetric(random, maxShift);
    const row = rows.subarray(i * TRANSFORM_LENGTH, (i + 1) * TRANSFORM_LENGTH);
    if (!distorted) {
      row[0] = 1;
      row[4] = 1;
      continue;
    }
    // Input to output is A = factor * rotation * [1 shear; 0 1]; the kernel wants its inverse,
    // [1 -shear; 0 1] * rotation^T / factor (the determinants of rotation and shear are 1).
    const cos = Math.cos(angle) / factor;
    const sin = Math.sin(angle) / factor;
    const a0 = cos + shear * sin;
    const a1 = sin - shear * cos;
    const b0 = -sin;
    const b1 = cos;
    // input = A^-1 (output - centre - shift) + centre
    const x = centreX + shiftX;
    const y = centreY + shiftY;
    row[0] = a0;
    row[1] = a1;
    row[2] = centreX - a0 * x - a1 * y;
    row[3] = b0;
    row[4] = b1;
    row[5] = centreY - b0 * x - b1 * y;
  }
  return rows;
}

/**
 * Applies one transform to each image: bilinear, pixels outside count as 0 (TensorFlow's BILINEAR and CONSTANT). Plain and
 * slow: the reference for tests, and the way where the kernel is missing.
 *
 * @param images [count, height, width, channels], values of any range
 * @param shape [height, width, channels]
 * @param transforms [count, 8], as `augmentationTransforms` gives them
 * @returns [count, height, width, channels], not rounded
 */
export function transformImages(
  images: Uint8Array | Float32Array,
  [height, width, channels]: readonly [number, number, number],
  transforms: Float32Array,
): Float32Array {
  const size = height * width * channels;
  const count = images.length / size;
  const out = new Float32Array(images.length);
  for (let i = 0; i < count; i++) {
    const [a0, a1, a2, b0, b1, b2, c0, c1] = transforms.subarray(
      i * TRANSFORM_LENGTH,
      (i + 1) * TRANSFORM_LENGTH,
    );
    const image = images.subarray(i * size, (i + 1) * size); /* [height, width, channels] */
    const pixel = (x: number, y: number, channel: number): number =>
      x < 0 || y < 0 || x >= width || y >= height ? 0 : image[(y * width + x) * channels + channel];
    let at = i * size;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const k = c0 * x + c1 * y + 1;
        const inX = (a0 * x + a1 * y + a2) / k;
        const inY = (b0 * x + b1 * y + b2) / k;
        const left = Math.floor(inX);
        const top = Math.floor(inY);
        const right = inX - left; // share of the right pixels
        const bottom = inY - top; // share of the bottom pixels
        for (let channel = 0; channel < channels; channel++) {
          const upper = (1 - right) * pixel(left, top, channel) + right * pixel(left + 1, top, channel);
          const lower =
            (1 - right) * pixel(left, top + 1, channel) + right * pixel(left + 1, top + 1, channel);
          out[at++] = (1 - bottom) * upper + bottom * lower;
        }
      }
    }
  }
  return out;
}

function symmetric(random: Random, range: number): number {
  return (2 * random.uniform() - 1) * range;
}
