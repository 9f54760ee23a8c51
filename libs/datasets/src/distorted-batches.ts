/**
 * Distorted batches, fast: `transformImages` for affine transforms and displacement fields, with two savings. Around each
 * image lies a border of zeros, so that no neighbour has to be looked for; and only pixels that see something of the image
 * are computed: of handwriting on a black ground, half.
 */
import type { Random } from '@espalier/base';
import { TRANSFORM_LENGTH, drawDistortions, type AugmentSpec, type Distortions } from './augmentation';
import type { Samples } from './dataset';
import { DisplacementRows } from './displacement-rows';
import { ImageBoxes } from './image-boxes';

/** Bytes 0..255 become 0..1. */
const PIXEL_SCALE = 1 / 255;

/** A smaller slope changes less than rounding does over a row; its inverse is still a number to reckon with. */
const SMALLEST_SLOPE = 1e-9;

export class DistortedBatches {
  /** One image with a border of one pixel: [height + 2, width + 2, channels]. */
  private readonly bordered: Float32Array;
  private readonly boxes: ImageBoxes;
  private batch = new Float32Array(0);
  /** Only where fields are asked for. */
  private readonly rows?: DisplacementRows;

  constructor(
    private readonly samples: Samples,
    private readonly spec: AugmentSpec,
  ) {
    const [height, width, channels] = samples.shape;
    this.bordered = new Float32Array((height + 2) * (width + 2) * channels);
    this.boxes = new ImageBoxes(samples);
    if (spec.elastic) this.rows = new DisplacementRows(spec.elastic.grid, [height, width]);
  }

  /**
   * The samples of these indices, each with a distortion of its own from `random`.
   *
   * @returns [indices.length, height, width, channels], 0..1; valid until the next call
   */
  at(indices: ArrayLike<number>, random: Random): Float32Array {
    const { shape } = this.samples;
    const [height, width, channels] = shape;
    const size = height * width * channels;
    if (this.batch.length !== indices.length * size) this.batch = new Float32Array(indices.length * size);
    else this.batch.fill(0);
    const drawn = drawDistortions(this.spec, indices.length, [height, width], random);
    for (let i = 0; i < indices.length; i++) {
      if (drawn.displacements && drawn.distorted[i] !== 0) this.distortElastically(indices[i], i, drawn);
      else this.distort(indices[i], i * size, drawn.transforms, i * TRANSFORM_LENGTH);
    }
    return this.batch;
  }

  /** Writes sample `index` into the batch from `to` on, by the transform that begins at `row`. */
  private distort(index: number, to: number, transforms: Float32Array, row: number): void {
    const [height, width, channels] = this.samples.shape;
    const { bordered, batch } = this;
    const box = this.boxes.at(index);
    this.spread(index, box);
    // What lies a pixel or more outside of the box sees nothing of it.
    const top = box[0] - 1;
    const bottom = box[1] + 1;
    const left = box[2] - 1;
    const right = box[3] + 1;
    if (bottom < top) return;
    const a0 = transforms[row];
    const a1 = transforms[row + 1];
    const a2 = transforms[row + 2];
    const b0 = transforms[row + 3];
    const b1 = transforms[row + 4];
    const b2 = transforms[row + 5];
    const stride = (width + 2) * channels;
    for (let y = 0; y < height; y++) {
      const x0 = a1 * y + a2;
      const y0 = b1 * y + b2;
      // Where both input positions are inside the box. (No closure here: V8 would keep what it sees on the heap.)
      let from = Math.max(0, firstInside(a0, left - x0, right - x0), firstInside(b0, top - y0, bottom - y0));
      let until = Math.min(
        width - 1,
        lastInside(a0, left - x0, right - x0),
        lastInside(b0, top - y0, bottom - y0),
      );
      while (from <= until && !isInside(a0 * from + x0, left, right)) from++;
      while (from <= until && !isInside(b0 * from + y0, top, bottom)) from++;
      while (from <= until && !isInside(a0 * until + x0, left, right)) until--;
      while (from <= until && !isInside(b0 * until + y0, top, bottom)) until--;
      let at = to + (y * width + from) * channels;
      for (let x = from; x <= until; x++) {
        // Positions are above -1, and the border moves them by 1: cut off is rounded down.
        const inX = a0 * x + x0 + 1;
        const inY = b0 * x + y0 + 1;
        const column = inX | 0;
        const line = inY | 0;
        const toRight = inX - column;
        const down = inY - line;
        const source = line * stride + column * channels;
        for (let k = source; k < source + channels; k++) {
          const upper = bordered[k] + toRight * (bordered[k + channels] - bordered[k]);
          const below = k + stride;
          const lower = bordered[below] + toRight * (bordered[below + channels] - bordered[below]);
          batch[at++] = upper + down * (lower - upper);
        }
      }
    }
  }

  /**
   * As `distort`, for sample `i` of the batch, with its field as well. Which pixels see something is only known roughly
   * before: those that might are looked at one by one.
   */
  private distortElastically(index: number, i: number, { transforms, displacements }: Distortions): void {
    const [height, width, channels] = this.samples.shape;
    const { bordered, batch, rows } = this;
    if (!rows || !displacements) return;
    const box = this.boxes.at(index);
    this.spread(index, box);
    if (box[1] === -1) return; // an empty image
    // Positions are those in the border, which begins one pixel earlier.
    const top = box[0];
    const bottom = box[1] + 2;
    const left = box[2];
    const right = box[3] + 2;
    const row = i * TRANSFORM_LENGTH;
    const a0 = transforms[row];
    const a1 = transforms[row + 1];
    const a2 = transforms[row + 2] + 1;
    const b0 = transforms[row + 3];
    const b1 = transforms[row + 4];
    const b2 = transforms[row + 5] + 1;
    const stride = (width + 2) * channels;
    rows.open(displacements, i);
    const { lines, reach } = rows;
    const { nodes, weights } = rows.taps;
    const middleX = (left + right) / 2;
    const middleY = (top + bottom) / 2;
    const perA = 1 / (Math.abs(a0) < SMALLEST_SLOPE ? SMALLEST_SLOPE : a0);
    const perB = 1 / (Math.abs(b0) < SMALLEST_SLOPE ? SMALLEST_SLOPE : b0);
    for (let y = 0; y < height; y++) {
      const x0 = a1 * y + a2;
      const y0 = b1 * y + b2;
      // Where both input positions may be inside the box.
      const nearX = (middleX - x0) * perA;
      const nearY = (middleY - y0) * perB;
      const aroundX = (middleX - left + reach[2 * y]) * Math.abs(perA);
      const aroundY = (middleY - top + reach[2 * y + 1]) * Math.abs(perB);
      const from = Math.min(width, Math.max(0, nearX - aroundX, nearY - aroundY)) | 0;
      const until = Math.max(-1, Math.min(width - 1, nearX + aroundX, nearY + aroundY)) | 0;
      const to = (i * height + y) * width * channels;
      const w0 = weights[4 * y];
      const w1 = weights[4 * y + 1];
      const w2 = weights[4 * y + 2];
      const w3 = weights[4 * y + 3];
      const l0 = 2 * width * nodes[4 * y];
      const l1 = 2 * width * nodes[4 * y + 1];
      const l2 = 2 * width * nodes[4 * y + 2];
      const l3 = 2 * width * nodes[4 * y + 3];
      for (let x = from; x <= until; x++) {
        const n = 2 * x;
        const dx = w0 * lines[l0 + n] + w1 * lines[l1 + n] + w2 * lines[l2 + n] + w3 * lines[l3 + n];
        const m = n + 1;
        const dy = w0 * lines[l0 + m] + w1 * lines[l1 + m] + w2 * lines[l2 + m] + w3 * lines[l3 + m];
        const inX = a0 * x + x0 + dx;
        const inY = b0 * x + y0 + dy;
        if (inX <= left || inX >= right || inY <= top || inY >= bottom) continue;
        const column = inX | 0;
        const line = inY | 0;
        const toRight = inX - column;
        const down = inY - line;
        const source = line * stride + column * channels;
        let at = to + x * channels;
        for (let k = source; k < source + channels; k++) {
          const upper = bordered[k] + toRight * (bordered[k + channels] - bordered[k]);
          const below = k + stride;
          const lower = bordered[below] + toRight * (bordered[below + channels] - bordered[below]);
          batch[at++] = upper + down * (lower - upper);
        }
      }
    }
  }

  /** Puts a sample into the border. */
  private spread(index: number, box: Int16Array): void {
    const [height, width, channels] = this.samples.shape;
    const { bordered } = this;
    const { images } = this.samples;
    bordered.fill(0);
    const rowSize = width * channels;
    const lastRow = box[1];
    const begin = box[2] * channels;
    const end = (box[3] + 1) * channels;
    for (let y = box[0]; y <= lastRow; y++) {
      const from = (index * height + y) * rowSize;
      const to = ((y + 1) * (width + 2) + 1) * channels;
      for (let k = begin; k < end; k++) bordered[to + k] = images[from + k] * PIXEL_SCALE;
    }
  }
}

/** The first whole number x with `low` < slope x < `high`, or one less. */
function firstInside(slope: number, low: number, high: number): number {
  if (slope === 0) return low < 0 && high > 0 ? 0 : Infinity;
  return Math.floor(slope > 0 ? low / slope : high / slope);
}

/** The last whole number x with `low` < slope x < `high`, or one more. */
function lastInside(slope: number, low: number, high: number): number {
  if (slope === 0) return low < 0 && high > 0 ? Infinity : 0;
  return Math.ceil(slope > 0 ? high / slope : low / slope);
}

function isInside(position: number, low: number, high: number): boolean {
  return position > low && position < high;
}
