import { tensorError } from './errors';

/** Sizes of each axis, outermost first (row-major). A scalar has shape []. */
export type Shape = readonly number[];

/** Limits of what a manifest may declare; they bound what a hostile peer can make us allocate. */
export const SHAPE_LIMITS = { maxRank: 8, maxElements: 2 ** 32 } as const;

/** Number of elements; 1 for a scalar. Throws TENSOR_SHAPE for a negative, fractional or absurd size. */
export function sizeOf(shape: Shape): number {
  if (shape.length > SHAPE_LIMITS.maxRank) throw refuse(shape, `more than ${SHAPE_LIMITS.maxRank} axes`);
  let size = 1;
  for (const axis of shape) {
    if (!Number.isSafeInteger(axis) || axis < 0) throw refuse(shape, 'axes must be whole numbers >= 0');
    size *= axis;
    if (size > SHAPE_LIMITS.maxElements)
      throw refuse(shape, `more than ${SHAPE_LIMITS.maxElements} elements`);
  }
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

function refuse(shape: Shape, problem: string): Error {
  return tensorError('TENSOR_SHAPE', { shape: JSON.stringify(shape), problem });
}
