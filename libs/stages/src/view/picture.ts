/** A mask as a picture small enough to send: its bits, or the kept share of blocks of weights. */
import { deflateRawSync } from 'node:zlib';
import { VIEW_LIMITS, type LayerView } from '@espalier/protocol';
import type { Mask, Shape } from '@espalier/tensor';

export type Picture = NonNullable<LayerView['picture']>;

/** Up to `maxBitWeights` weights bit by bit; beyond, `maxCells` x `maxCells` cells at most. Undefined for a scalar or nothing. */
export function pictureOf(mask: Mask): Picture | undefined {
  const { rows, cols } = matrixOf(mask.shape);
  if (rows * cols === 0) return undefined;
  if (mask.size <= VIEW_LIMITS.maxBitWeights) return { form: 'bits', rows, cols, data: packed(mask.bits) };
  const cells = cellsOf(mask);
  return { form: 'cells', rows: cells.rows, cols: cells.cols, data: packed(cells.halves) };
}

/** A kernel seen as a matrix: units are its columns, all that leads to a unit its rows. */
export function matrixOf(shape: Shape): { readonly rows: number; readonly cols: number } {
  const cols = shape.at(-1) ?? 1;
  return { rows: shape.slice(0, -1).reduce((product, size) => product * size, 1), cols };
}

export interface Cells {
  readonly rows: number;
  readonly cols: number;
  /** [ceil(rows * cols / 2)]: two cells a byte, row by row, the low half first. */
  readonly halves: Uint8Array;
}

/** Blocks differ by one row or column in size where the sides are no multiples. */
export function cellsOf(mask: Mask): Cells {
  const matrix = matrixOf(mask.shape);
  const rows = Math.min(matrix.rows, VIEW_LIMITS.maxCells);
  const cols = Math.min(matrix.cols, VIEW_LIMITS.maxCells);
  const counts = countBlocks(mask.bits, matrix, { rows, cols });
  const halves = new Uint8Array(Math.ceil((rows * cols) / 2));
  for (let row = 0; row < rows; row++) {
    const height = start(row + 1, matrix.rows, rows) - start(row, matrix.rows, rows);
    for (let col = 0; col < cols; col++) {
      const width = start(col + 1, matrix.cols, cols) - start(col, matrix.cols, cols);
      const cell = row * cols + col;
      halves[cell >>> 1] |= shade(counts[cell], height * width) << ((cell & 1) * 4);
    }
  }
  return { rows, cols, halves };
}

interface Sides {
  readonly rows: number;
  readonly cols: number;
}

/** Kept weights of each block, [cells.rows, cells.cols]. */
function countBlocks(bits: Uint8Array, matrix: Sides, cells: Sides): Uint32Array {
  const counts = new Uint32Array(cells.rows * cells.cols);
  const cols = Uint32Array.from({ length: cells.cols + 1 }, (_, n) => start(n, matrix.cols, cells.cols));
  for (let cell = 0; cell < cells.rows; cell++) {
    const end = start(cell + 1, matrix.rows, cells.rows);
    for (let row = start(cell, matrix.rows, cells.rows); row < end; row++) {
      const first = row * matrix.cols;
      const base = cell * cells.cols;
      for (let col = 0; col < cells.cols; col++) {
        counts[base + col] += countBits(bits, first + cols[col], first + cols[col + 1]);
      }
    }
  }
  return counts;
}

/** Set bits from bit `from` up to `to`, which is more. A byte at a time: a layer has millions. */
function countBits(bits: Uint8Array, from: number, to: number): number {
  const first = from >>> 3;
  const last = to >>> 3;
  const head = bits[first] >>> (from & 7);
  if (first === last) return BITS_OF_BYTE[head & ((1 << (to - from)) - 1)];
  let count = BITS_OF_BYTE[head];
  for (let byte = first + 1; byte < last; byte++) count += BITS_OF_BYTE[bits[byte]];
  // The byte behind the last one that counts may be behind the end.
  return (to & 7) === 0 ? count : count + BITS_OF_BYTE[bits[last] & ((1 << (to & 7)) - 1)];
}

const BITS_OF_BYTE = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte.toString(2).replaceAll('0', '').length,
);

/** Where block `n` of `count` begins, on a side of that length. */
function start(n: number, length: number, count: number): number {
  return Math.floor((n * length) / count);
}

/**
 * 0 to 15, by the square root: a pruned layer's blocks keep a few percent, and those should differ. 0 is nothing at all, 15 all.
 */
function shade(kept: number, weights: number): number {
  if (kept === 0) return 0;
  if (kept === weights) return 15;
  return Math.min(14, Math.max(1, Math.round(15 * Math.sqrt(kept / weights))));
}

function packed(bytes: Uint8Array): string {
  return deflateRawSync(bytes).toString('base64');
}
