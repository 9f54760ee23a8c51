/** Which weights survived, bit by bit: contexts are how full the row and the column have been so far, and the two neighbours. */
import { Mask, sizeOf, type Shape } from '@espalier/tensor';
import { BitDecoder, BitEncoder } from './bit-coder';

const DENSITIES = 8;
const CONTEXTS = DENSITIES * DENSITIES * 4;

/** The survivors of `mask`, row by row of the kernel as a matrix [everything else, last axis]. */
export function encodePositions(mask: Mask): Uint8Array {
  const encoder = new BitEncoder(CONTEXTS);
  walk(mask.shape, (i, context) => {
    const bit = Number(mask.get(i));
    encoder.encode(context, bit);
    return bit;
  });
  return encoder.finish();
}

/** Any bytes give some mask. */
export function decodePositions(bytes: Uint8Array, shape: Shape): Mask {
  const decoder = new BitDecoder(CONTEXTS, bytes);
  const mask = Mask.empty(shape);
  walk(shape, (i, context) => {
    const bit = decoder.decode(context);
    if (bit === 1) mask.set(i, true);
    return bit;
  });
  return mask;
}

function walk(shape: Shape, visit: (i: number, context: number) => number): void {
  const columns = shape[shape.length - 1] ?? 1;
  const rows = columns === 0 ? 0 : sizeOf(shape) / columns;
  const inColumn = new Uint32Array(columns);
  const above = new Uint8Array(columns);
  for (let row = 0; row < rows; row++) {
    let inRow = 0;
    let left = 0;
    for (let column = 0; column < columns; column++) {
      const densities = densityOf(inRow, column) * DENSITIES + densityOf(inColumn[column], row);
      left = visit(row * columns + column, densities * 4 + above[column] * 2 + left);
      above[column] = left;
      inColumn[column] += left;
      inRow += left;
    }
  }
}

/** 0 for none so far, then by halves: 7 is more than half of them, 1 less than a 32nd. */
function densityOf(count: number, of: number): number {
  if (count === 0) return 0;
  let density = DENSITIES - 1;
  while (density > 1 && count * 2 ** (DENSITIES - density) <= of) density--;
  return density;
}
