/**
 * Elastic distortion: every pixel is read a little beside its place, by a smooth random field (Simard, Steinkraus & Platt
 * 2003, section 2). The field is made as in Ronneberger, Fischer & Brox 2015, section 3.1: random vectors on a coarse grid,
 * bicubic in between.
 */
import type { Random } from '@espalier/base';

export interface ElasticSpec {
  /** Nodes along each axis, the outer ones on the outermost pixels; 2 or more. Fewer make a smoother field. */
  readonly grid: number;
  /** Standard deviation of both components of a node's vector, in pixels of the image. */
  readonly px: number;
}

export interface Displacements {
  readonly grid: number;
  /** [count, grid, grid, 2]: by row and column of nodes, x before y, in pixels. */
  readonly vectors: Float64Array;
}

/** Sum of four bytes: its mean, and its standard deviation sqrt(4 (256^2 - 1) / 12). */
const BYTES = { mean: 510, deviation: Math.sqrt((256 * 256 - 1) / 3) } as const;

/**
 * Draws a field for each sample. A component is a sum of four uniform bytes, of standard deviation `px`: nearly normal, but
 * never beyond 3.46 px, and whole numbers until the last step, so that it is the same on every machine.
 *
 * Each sample takes 2 grid^2 draws whatever `px` says, and whether it is distorted or not.
 *
 * @param distorted [count]; the fields of samples with 0 are 0
 */
export function drawDisplacements(
  { grid, px }: ElasticSpec,
  distorted: Uint8Array,
  random: Random,
): Displacements {
  const size = 2 * grid * grid;
  const vectors = new Float64Array(distorted.length * size);
  const scale = px / BYTES.deviation;
  for (let i = 0; i < distorted.length; i++) {
    const share = distorted[i] === 0 ? 0 : scale;
    for (let k = i * size; k < (i + 1) * size; k++) {
      const bits = random.uint32();
      const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
      vectors[k] = (sum - BYTES.mean) * share;
    }
  }
  return { grid, vectors };
}

/** For each pixel of an axis the four nodes that it depends on, and how much; beyond the edge the outer node counts. */
export interface CubicTaps {
  /** [length, 4] */
  readonly nodes: Uint8Array;
  /** [length, 4]; four sum to 1. */
  readonly weights: Float64Array;
}

/**
 * Cubic convolution (Keys 1981, a = -1/2) of `grid` nodes that are spread evenly over `length` pixels: it goes through
 * the nodes, and its slope is continuous.
 */
export function cubicTaps(grid: number, length: number): CubicTaps {
  const nodes = new Uint8Array(4 * length);
  const weights = new Float64Array(4 * length);
  for (let x = 0; x < length; x++) {
    const position = length === 1 ? 0 : (x * (grid - 1)) / (length - 1);
    const first = Math.floor(position) - 1;
    for (let k = 0; k < 4; k++) {
      nodes[4 * x + k] = Math.min(grid - 1, Math.max(0, first + k));
      weights[4 * x + k] = keys(Math.abs(position - first - k));
    }
  }
  return { nodes, weights };
}

/** Keys' kernel at this distance, in nodes. */
function keys(distance: number): number {
  if (distance >= 2) return 0;
  if (distance >= 1) return ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
  return (1.5 * distance - 2.5) * distance * distance + 1;
}

/**
 * The whole field of each sample, plainly: the reference for tests, and for `transformImages`.
 *
 * @returns [count, height, width, 2], pixels
 */
export function displacementFields(
  { grid, vectors }: Displacements,
  [height, width]: readonly [number, number],
): Float64Array {
  const count = vectors.length / (2 * grid * grid);
  const fields = new Float64Array(count * height * width * 2);
  const rows = cubicTaps(grid, height);
  const columns = cubicTaps(grid, width);
  let at = 0;
  for (let i = 0; i < count; i++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let component = 0; component < 2; component++) {
          let sum = 0;
          for (let v = 0; v < 4; v++)
            for (let u = 0; u < 4; u++) {
              const node = (i * grid + rows.nodes[4 * y + v]) * grid + columns.nodes[4 * x + u];
              sum += rows.weights[4 * y + v] * columns.weights[4 * x + u] * vectors[2 * node + component];
            }
          fields[at++] = sum;
        }
  return fields;
}
