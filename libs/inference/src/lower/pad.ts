/** An image with a border, and taken apart by the stride, so that what a kernel reads lies side by side. */
import type { Padding } from '@espalier/models';
import type { Arena } from '../wasm/arena';
import { reserveImage, type ImageValue } from './values';
import type { ImageScript } from './steps';

type Pair = readonly [number, number];

export interface Window {
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
  /** Height and width that come out. */
  readonly output: Pair;
}

/** How much border stands before the image, [top, left]: TensorFlow's `same` puts the odd one behind. */
export function borderBefore(image: ImageValue, { size, stride, padding, output }: Window): Pair {
  if (padding === 'valid') return [0, 0];
  const before = (i: 0 | 1, have: number): number =>
    Math.floor(Math.max((output[i] - 1) * stride[i] + size[i] - have, 0) / 2);
  return [before(0, image.height), before(1, image.width)];
}

export interface PhasedImage {
  /** Channel c, phase (py, px) is plane (c * stride[0] + py) * stride[1] + px. */
  readonly image: ImageValue;
  readonly phases: Pair;
  /** Undefined where the image serves as it is. */
  readonly script?: ImageScript;
}

/**
 * Phase (py, px) of a plane has its rows py, py + stride, ... and its columns px, px + stride, ...: what a window position
 * reads over all outputs is then contiguous.
 */
export function padImage(
  arena: Arena,
  from: ImageValue,
  window: Window,
  { split, fill = 0 }: { readonly split: boolean; readonly fill?: number },
): PhasedImage {
  const [sy, sx]: Pair = split ? window.stride : [1, 1];
  const [top, left] = borderBefore(from, window);
  const extent = (i: 0 | 1): number => (window.output[i] - 1) * window.stride[i] + window.size[i];
  const fits = extent(0) <= from.height && extent(1) <= from.width;
  if (fits && sy === 1 && sx === 1) return { image: from, phases: [1, 1] };

  const height = Math.ceil(extent(0) / sy);
  const width = Math.ceil(extent(1) / sx);
  const image = reserveImage(arena, { channels: from.channels * sy * sx, height, width });
  if (fill !== 0) arena.preset(image.at, new Float32Array(image.channels * image.plane).fill(fill));
  const rows = Math.min(from.height, extent(0) - top);
  const columns = Math.min(from.width, extent(1) - left);
  const script: ImageScript = (memory) => {
    for (let c = 0; c < from.channels; c++) {
      for (let y = 0; y < rows; y++) {
        const source = from.at / 4 + c * from.plane + y * from.row;
        const toY = y + top;
        const phaseRow = (c * sy + (toY % sy)) * sx;
        const target = image.at / 4 + phaseRow * image.plane + Math.floor(toY / sy) * image.row;
        if (sx === 1) {
          memory.copyWithin(target + left, source, source + columns);
          continue;
        }
        for (let x = 0; x < columns; x++) {
          const toX = x + left;
          memory[target + (toX % sx) * image.plane + Math.floor(toX / sx)] = memory[source + x];
        }
      }
    }
  };
  return { image, phases: [sy, sx], script };
}
