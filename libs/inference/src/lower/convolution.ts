import type { Conv2dLayer } from '@espalier/models';
import {
  MAX_TILE_VECTORS,
  addDenseTiles,
  addSparseTiles,
  type TileSpec,
  type Tiling,
} from '../kernels/tiles';
import { denseOutputs, paddedUnits, sparseOutputs, type WeightMatrix } from '../kernels/weight-forms';
import { padImage, type PhasedImage } from './pad';
import type { Fused, Target } from './steps';
import { reserveImage, type ImageValue } from './values';

/** Vectors of a tile where a block of four outputs is worked on at once. */
const DENSE_TILE_VECTORS = 2;

export function lowerConvolution(
  { layer, relu }: Fused<Conv2dLayer>,
  input: ImageValue,
  target: Target,
): ImageValue {
  const { arena, steps } = target;
  const [height, width] = target.shape(layer.name);
  const dense = target.kernels(layer.name).single === 'dense';
  const window = {
    size: layer.kernel,
    stride: layer.stride,
    padding: layer.padding,
    output: [height, width],
  } as const;
  const phased = padImage(arena, input, window, { split: true });
  if (phased.script) steps.push({ on: 'image', layer: layer.name, script: phased.script });

  const across = tilesAcross([height, width], dense ? DENSE_TILE_VECTORS : MAX_TILE_VECTORS);
  const rows = Math.ceil(height / across.rows);
  const down = Math.ceil(height / rows);
  const output = reserveImage(arena, {
    channels: paddedUnits(layer.filters),
    height,
    width,
    row: 4 * across.vectors * across.columns,
    rows: rows * down,
  });
  const x = phased.image;
  const place = (row: number, column: number): Tiling['tiles'][number] => ({
    x: 4 * (row * x.row + column),
    y: 4 * (row * output.row + column),
  });
  const tiling: Tiling = {
    tiles: Array.from({ length: rows * across.columns }, (_, tile) =>
      place(down * Math.floor(tile / across.columns), 4 * across.vectors * (tile % across.columns)),
    ),
    vectors: Array.from({ length: down * across.vectors }, (_, v) =>
      place(Math.floor(v / across.vectors), 4 * (v % across.vectors)),
    ),
  };
  const spec: TileSpec = {
    name: layer.name,
    x: x.at,
    y: output.at,
    tiling,
    outputStep: 4 * output.plane,
    outputs: layer.filters,
    bias: layer.bias ? target.parameter(`${layer.name}/bias`) : new Float32Array(layer.filters),
    relu,
    shift: 0,
  };
  const matrix = weightMatrix(layer, phased, target.parameter(`${layer.name}/kernel`));
  if (dense) addDenseTiles(target, spec, denseOutputs(matrix));
  else addSparseTiles(target, spec, sparseOutputs(matrix));
  steps.push({ on: 'image', layer: layer.name, call: layer.name });
  return { ...output, channels: layer.filters };
}

/** Vectors and rows of a tile, and how many tiles stand side by side: as few tiles as cover the outputs; of equals the widest. */
function tilesAcross(
  [height, width]: readonly [number, number],
  most: number,
): { vectors: number; columns: number; rows: number } {
  const all = Math.ceil(width / 4);
  const shapes = Array.from({ length: most }, (_, i) => {
    const vectors = most - i;
    const columns = Math.ceil(all / vectors);
    const rows = Math.floor(most / vectors);
    return { vectors: Math.ceil(all / columns), columns, rows, tiles: columns * Math.ceil(height / rows) };
  });
  return shapes.reduce((best, shape) => (shape.tiles < best.tiles ? shape : best));
}

/** Row (ky, kx, ci) of the kernel [kh * kw * in / groups, out] reads phase (ky, kx) modulo the stride, that many strides on. */
function weightMatrix(
  layer: Conv2dLayer,
  { image, phases }: PhasedImage,
  kernel: Float32Array,
): WeightMatrix {
  const [sy, sx] = phases;
  const groupChannels = image.channels / (sy * sx * layer.groups);
  const offsets: number[] = [];
  for (let ky = 0; ky < layer.kernel[0]; ky++) {
    for (let kx = 0; kx < layer.kernel[1]; kx++) {
      const inPlane = Math.floor(ky / sy) * image.row + Math.floor(kx / sx);
      for (let c = 0; c < groupChannels; c++) {
        const plane = (c * sy + (ky % sy)) * sx + (kx % sx);
        offsets.push(4 * (plane * image.plane + inPlane));
      }
    }
  }
  return {
    kernel,
    outputs: layer.filters,
    groups: layer.groups,
    offsets: Uint32Array.from(offsets),
    groupStep: 4 * groupChannels * sy * sx * image.plane,
  };
}
