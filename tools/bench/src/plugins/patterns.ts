/** Does a decoded network have exactly the pattern that was asked for? Written without the plugins, which make them. */
import type { Shape } from '@espalier/tensor';

export interface PatternLayer {
  readonly name: string;
  readonly shape: Shape;
  readonly weights: number;
  readonly kept: number;
  /** By the pattern alone. */
  readonly expected: number;
  /** Sets or blocks that break it. */
  readonly broken: number;
}

interface Kernel {
  readonly name: string;
  readonly shape: Shape;
  readonly values: ArrayLike<number>;
}

/** At most (or, of whole sets, exactly) n of each m that follow each other down a column of the kernel [inputs, outputs]. */
export function checkNm({ name, shape, values }: Kernel, { n, m }: { n: number; m: number }): PatternLayer {
  const { rows, columns } = matrix(shape, values.length);
  let broken = 0;
  let expected = 0;
  for (let column = 0; column < columns; column++) {
    for (let first = 0; first < rows; first += m) {
      const end = Math.min(rows, first + m);
      let kept = 0;
      for (let row = first; row < end; row++) if (values[row * columns + column] !== 0) kept++;
      const wanted = Math.min(n, end - first);
      expected += wanted;
      if (kept !== wanted) broken++;
    }
  }
  return { name, shape, weights: values.length, kept: countKept(values), expected, broken };
}

/**
 * Blocks of rows x columns are there as a whole or not at all.
 * @param keep share of the blocks; at least so many stay
 */
export function checkBlocks(
  { name, shape, values }: Kernel,
  { side, keep }: { side: number; keep: number },
): PatternLayer & { readonly blocks: number; readonly keptBlocks: number } {
  const { rows, columns } = matrix(shape, values.length);
  const [down, across] = [Math.ceil(rows / side), Math.ceil(columns / side)];
  let [keptBlocks, broken, inKept] = [0, 0, 0];
  for (let block = 0; block < down * across; block++) {
    const [top, left] = [Math.floor(block / across) * side, (block % across) * side];
    const [bottom, right] = [Math.min(rows, top + side), Math.min(columns, left + side)];
    let kept = 0;
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) if (values[row * columns + column] !== 0) kept++;
    }
    if (kept === 0) continue;
    const size = (bottom - top) * (right - left);
    keptBlocks++;
    inKept += size;
    if (kept !== size) broken++;
  }
  const blocks = down * across;
  // The number of blocks is a promise; how many weights they have follows from which of them reach over the edge.
  if (keptBlocks !== Math.ceil(keep * blocks - 1e-9)) broken++;
  return {
    name,
    shape,
    weights: values.length,
    kept: countKept(values),
    expected: inKept,
    broken,
    blocks,
    keptBlocks,
  };
}

function matrix(shape: Shape, size: number): { readonly rows: number; readonly columns: number } {
  const columns = shape[shape.length - 1];
  return { rows: size / columns, columns };
}

function countKept(values: ArrayLike<number>): number {
  let kept = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) kept++;
  return kept;
}
