/** Where the kernel that distorts finds a batch (assembly/memory.ts has the same numbers). */
import { TRANSFORM_LENGTH } from '../augmentation';
import type { ImageShape } from '../dataset';
import { cubicTaps } from '../displacement';

const PARAMETERS = [
  'count',
  'parts',
  'height',
  'width',
  'channels',
  'grid',
  'pixels',
  'boxes',
  'transforms',
  'distorted',
  'vectors',
  'output',
  'rowNodes',
  'rowWeights',
  'columnNodes',
  'columnWeights',
  'scratch',
  'scratchBytes',
] as const;

const BEGIN = 64;
const FIRST_FREE = 192;
const ALIGNMENT = 128;

export interface DistortionSize {
  /** Samples of a batch. */
  readonly count: number;
  readonly parts: number;
  readonly shape: ImageShape;
  /** Nodes along each axis of an elastic field; 0: there is none. */
  readonly grid: number;
}

/** Views of what is written and read for each batch. */
export interface DistortionViews {
  readonly pixels: Uint8Array;
  readonly boxes: Int16Array;
  readonly transforms: Float32Array;
  readonly distorted: Uint8Array;
  readonly vectors: Float64Array;
  readonly output: Float32Array;
}

export interface DistortionMemory {
  readonly bytes: number;
  /** Fills in what stays, and gives the rest. */
  open(buffer: ArrayBufferLike): DistortionViews;
}

export function distortionMemory({ count, parts, shape, grid }: DistortionSize): DistortionMemory {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  let end = FIRST_FREE;
  const room = (bytes: number): number => {
    const address = end;
    end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return address;
  };
  const bordered = 4 * (height + 2) * (width + 2) * channels + 8;
  const field = 16 * grid * (width + 1) + 16 * height;
  const scratchBytes = Math.ceil((bordered + field) / ALIGNMENT) * ALIGNMENT;
  const vectorCount = count * grid * grid * 2;
  const at = {
    ...{ count, parts, height, width, channels, grid },
    pixels: room(count * size),
    boxes: room(count * 8),
    transforms: room(count * TRANSFORM_LENGTH * 4),
    distorted: room(count),
    vectors: room(vectorCount * 8),
    output: room(count * size * 4),
    rowNodes: room(height * 4),
    rowWeights: room(height * 32),
    columnNodes: room(width * 4),
    columnWeights: room(width * 32),
    scratch: room(parts * scratchBytes),
    scratchBytes,
  };
  return {
    bytes: end,
    open(buffer) {
      new Int32Array(buffer, BEGIN, PARAMETERS.length).set(PARAMETERS.map((name) => at[name]));
      if (grid > 0) {
        for (const [nodes, weights, length] of [
          [at.rowNodes, at.rowWeights, height],
          [at.columnNodes, at.columnWeights, width],
        ] as const) {
          const taps = cubicTaps(grid, length);
          new Uint8Array(buffer, nodes, 4 * length).set(taps.nodes);
          new Float64Array(buffer, weights, 4 * length).set(taps.weights);
        }
      }
      return {
        pixels: new Uint8Array(buffer, at.pixels, count * size),
        boxes: new Int16Array(buffer, at.boxes, 4 * count),
        transforms: new Float32Array(buffer, at.transforms, count * TRANSFORM_LENGTH),
        distorted: new Uint8Array(buffer, at.distorted, count),
        vectors: new Float64Array(buffer, at.vectors, vectorCount),
        output: new Float32Array(buffer, at.output, count * size),
      };
    },
  };
}
