/** The mask of a layer too large to draw weight by weight: kept shares of blocks of weights, as the pruner makes them. Pure. */

/** Up to so many weights a mask is drawn weight by weight: as `VIEW_LIMITS`, which a thread that decodes need not load zod for. */
export const MOST_BITS = 262_144;
const MOST_SIDE = 256;

export interface Blocks {
  readonly grid: readonly [rows: number, columns: number];
  /** round(15 * sqrt(kept share)); 0 only for nothing at all, 15 only for everything. */
  readonly shares: Uint8Array;
}

/** @param shape of the kernel; its last axis stands across */
export function blocksOf(shape: readonly number[], values: Float32Array): Blocks {
  const columns = shape.at(-1) ?? 1;
  const rows = values.length / columns;
  const grid = [Math.min(rows, MOST_SIDE), Math.min(columns, MOST_SIDE)] as const;
  const rowOf = blockOf(rows, grid[0]);
  const columnOf = blockOf(columns, grid[1]);
  const kept = new Uint32Array(grid[0] * grid[1]);
  const all = new Uint32Array(grid[0] * grid[1]);
  for (let row = 0; row < rows; row++) {
    const base = rowOf[row] * grid[1];
    for (let column = 0; column < columns; column++) {
      const block = base + columnOf[column];
      all[block]++;
      if (values[row * columns + column] !== 0) kept[block]++;
    }
  }
  return { grid, shares: Uint8Array.from(kept, (count, i) => shade(count, all[i])) };
}

/** Block n of a side begins at floor(n * length / count). */
function blockOf(length: number, count: number): Uint32Array {
  const blocks = new Uint32Array(length);
  for (let block = 0; block < count; block++) {
    blocks.fill(block, Math.floor((block * length) / count), Math.floor(((block + 1) * length) / count));
  }
  return blocks;
}

function shade(kept: number, weights: number): number {
  if (kept === 0) return 0;
  if (kept === weights) return 15;
  return Math.min(14, Math.max(1, Math.round(15 * Math.sqrt(kept / weights))));
}
