import type { PoolLayer } from '@espalier/models';
import { MAX_UNROLLED, addPool } from '../kernels/pool';
import { borderBefore, padImage, type Window } from './pad';
import type { Fused, Target } from './steps';
import { reserveImage, type ImageValue } from './values';

/** Below every activation: what stands in the border of a maximum. */
const LOWEST = -3.4028234663852886e38;

export function lowerPool({ layer, relu }: Fused<PoolLayer>, input: ImageValue, target: Target): ImageValue {
  const { arena, module, steps } = target;
  const [height, width] = target.shape(layer.name);
  const window: Window = {
    size: layer.size,
    stride: layer.stride,
    padding: layer.padding,
    output: [height, width],
  };
  const maximum = layer.type === 'maxPool';
  const padded = padImage(arena, input, window, { split: false, fill: maximum ? LOWEST : 0 });
  if (padded.script) steps.push({ on: 'image', layer: layer.name, script: padded.script });
  const x = padded.image;
  const vectors = Math.ceil(width / 4);
  const output = reserveImage(arena, { channels: input.channels, height, width, row: 4 * vectors });
  const factors = maximum ? undefined : averageFactors(input, window, output.row);

  if (layer.size[0] * layer.size[1] > MAX_UNROLLED) {
    steps.push({
      on: 'image',
      layer: layer.name,
      script: (memory) => poolPlainly(memory, { layer, relu, x, y: output, factors }),
    });
    return output;
  }
  addPool(module, {
    name: layer.name,
    kind: maximum ? 'max' : 'sum',
    channels: input.channels,
    size: layer.size,
    stride: layer.stride,
    x: { at: x.at, row: 4 * x.row, plane: 4 * x.plane },
    y: { at: output.at, row: 4 * output.row, plane: 4 * output.plane, rows: height, vectors },
    factors: factors && arena.place(factors),
    relu,
  });
  steps.push({ on: 'image', layer: layer.name, call: layer.name });
  return output;
}

/** 1 / how many numbers of the image each window covers: the border does not count. [height, row] */
function averageFactors(image: ImageValue, window: Window, row: number): Float32Array {
  const before = borderBefore(image, window);
  const [height, width] = window.output;
  const covered = (i: 0 | 1, position: number, have: number): number => {
    const first = position * window.stride[i] - before[i];
    return Math.min(first + window.size[i], have) - Math.max(first, 0);
  };
  const factors = new Float32Array(height * row);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      factors[y * row + x] = 1 / (covered(0, y, image.height) * covered(1, x, image.width));
    }
  }
  return factors;
}

interface PlainPool {
  readonly layer: PoolLayer;
  readonly relu: boolean;
  readonly x: ImageValue;
  readonly y: ImageValue;
  readonly factors?: Float32Array;
}

function poolPlainly(memory: Float32Array, { layer, relu, x, y, factors }: PlainPool): void {
  const [height, width] = layer.size;
  for (let c = 0; c < y.channels; c++) {
    for (let oy = 0; oy < y.height; oy++) {
      for (let ox = 0; ox < y.width; ox++) {
        const from = x.at / 4 + c * x.plane + oy * layer.stride[0] * x.row + ox * layer.stride[1];
        let result = factors ? 0 : LOWEST;
        for (let ky = 0; ky < height; ky++) {
          for (let at = from + ky * x.row, end = at + width; at < end; at++) {
            result = factors ? result + memory[at] : Math.max(result, memory[at]);
          }
        }
        if (factors) result *= factors[oy * y.row + ox];
        memory[y.at / 4 + c * y.plane + oy * y.row + ox] = relu ? Math.max(0, result) : result;
      }
    }
  }
}
