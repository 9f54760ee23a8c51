/**
 * Random distortion of images: each sample is rotated, scaled, sheared and shifted about the image's centre, and bent by
 * an elastic field. Matrices and fields are drawn here, from a seeded generator; who applies them is the caller's choice.
 */
import { Random } from '@espalier/base';
import { displacementFields, drawDisplacements, type Displacements, type ElasticSpec } from './displacement';

export interface AugmentSpec {
  /** Shift along each axis, uniform in [-shiftPx, shiftPx] pixels; need not be whole. */
  readonly shiftPx?: number;
  /** Uniform in [-rotationDegrees, rotationDegrees]. */
  readonly rotationDegrees?: number;
  /** Both axes are scaled by one factor, uniform in [1 - scale, 1 + scale]; in [0, 1). */
  readonly scale?: number;
  /** y is scaled once more, before all else, by a factor uniform in [1 - scaleY, 1 + scaleY]; in [0, 1). Default 0. */
  readonly scaleY?: number;
  /** x moves by this many pixels for each pixel of y, uniform in [-shear, shear]. */
  readonly shear?: number;
  /** A smooth random displacement of every pixel. Default: none. */
  readonly elastic?: ElasticSpec;
  /** Multiplies the ranges above, and the pixels of `elastic`. Default 1. */
  readonly strength?: number;
  /** Share of the samples that are distorted; the others stay as they are. Default 1. */
  readonly probability?: number;
}

/** A row of a projective transform: a0, a1, a2, b0, b1, b2, c0, c1. */
export const TRANSFORM_LENGTH = 8;

/** What happens to each sample of a batch. */
export interface Distortions {
  /**
   * [count, 8], rows as TensorFlow's `ImageProjectiveTransformV3` takes them: the *output* pixel (x, y) is read at the
   * *input* position ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) with k = c0 x + c1 y + 1, which is 1 here.
   */
  readonly transforms: Float32Array;
  /** [count]: 0 for samples that stay as they are. */
  readonly distorted: Uint8Array;
  /** Where `elastic` is asked for: what is added to the input position of the output pixel (x, y). */
  readonly displacements?: Displacements;
}

/** Whether the spec leaves every image as it is, so that the step can be left out. */
export function isIdentityAugment(spec: AugmentSpec | undefined): boolean {
  if (spec === undefined) return true;
  const { shiftPx = 0, rotationDegrees = 0, scale = 0, scaleY = 0, shear = 0, elastic } = spec;
  const range = Math.max(shiftPx, rotationDegrees, scale, scaleY, shear, elastic?.px ?? 0);
  return range === 0 || spec.strength === 0 || spec.probability === 0;
}

/**
 * Draws one transform, and perhaps one displacement field, for each of `count` samples of [height, width] pixels.
 *
 * Each sample takes six draws whatever the spec says, so that a changed range does not shift the draws of the others. What
 * came later, `scaleY` and `elastic`, has generators of its own, seeded by one draw after those: without them the
 * transforms, and the state of `random`, are what they were before there were these two.
 *
 * @returns identity rows for a spec without any distortion
 */
export function drawDistortions(
  spec: AugmentSpec,
  count: number,
  [height, width]: readonly [number, number],
  random: Random,
): Distortions {
  const strength = spec.strength ?? 1;
  const probability = spec.probability ?? 1;
  const maxShift = (spec.shiftPx ?? 0) * strength;
  const maxAngle = ((spec.rotationDegrees ?? 0) * strength * Math.PI) / 180;
  const maxScale = (spec.scale ?? 0) * strength;
  const maxShear = (spec.shear ?? 0) * strength;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;

  const rows = new Float32Array(count * TRANSFORM_LENGTH); /* [count, 8] */
  const flags = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const distorted = random.uniform() < probability;
    const angle = symmetric(random, maxAngle);
    const factor = 1 + symmetric(random, maxScale);
    const shear = symmetric(random, maxShear);
    const shiftX = symmetric(random, maxShift);
    const shiftY = symmetric(random, maxShift);
    const row = rows.subarray(i * TRANSFORM_LENGTH, (i + 1) * TRANSFORM_LENGTH);
    flags[i] = distorted ? 1 : 0;
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

  const maxScaleY = (spec.scaleY ?? 0) * strength;
  const px = (spec.elastic?.px ?? 0) * strength;
  const drawn = { transforms: rows, distorted: flags };
  if (maxScaleY === 0 && px === 0) return drawn;
  const later = new Random(random.uint32(), 'augment');
  if (maxScaleY !== 0) scaleRowsY(drawn, centreY, { maxScaleY, random: later.fork('scaleY') });
  if (!spec.elastic || px === 0) return drawn;
  const { grid } = spec.elastic;
  return {
    ...drawn,
    displacements: drawDisplacements({ grid, px }, flags, later.fork('elastic')),
  };
}

/** Divides the y of the input positions by a random factor, about the centre. */
function scaleRowsY(
  { transforms, distorted }: Distortions,
  centreY: number,
  { maxScaleY, random }: { readonly maxScaleY: number; readonly random: Random },
): void {
  for (let i = 0; i < distorted.length; i++) {
    const factor = 1 + symmetric(random, maxScaleY);
    if (distorted[i] === 0) continue;
    const row = transforms.subarray(i * TRANSFORM_LENGTH, (i + 1) * TRANSFORM_LENGTH);
    row[3] /= factor;
    row[4] /= factor;
    row[5] = centreY + (row[5] - centreY) / factor;
  }
}

/**
 * Applies one transform, and where given one displacement field, to each image: bilinear, pixels outside count as 0
 * (TensorFlow's BILINEAR and CONSTANT). Plain and slow: the reference for tests.
 *
 * @param images [count, height, width, channels], values of any range
 * @param shape [height, width, channels]
 * @param distortions of `count` samples, as `drawDistortions` gives them
 * @returns [count, height, width, channels], not rounded
 */
export function transformImages(
  images: Uint8Array | Float32Array,
  [height, width, channels]: readonly [number, number, number],
  { transforms, displacements }: Pick<Distortions, 'transforms' | 'displacements'>,
): Float32Array {
  const fields = displacements && displacementFields(displacements, [height, width]);
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
        const pixelAt = 2 * ((i * height + y) * width + x);
        const inX = (a0 * x + a1 * y + a2) / k + (fields?.[pixelAt] ?? 0);
        const inY = (b0 * x + b1 * y + b2) / k + (fields?.[pixelAt + 1] ?? 0);
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
