/** What passes between the layers of a program, and where it lies. */
import type { Arena } from '../wasm/arena';

export type Value = ImageValue | VectorValue;

/** One sample, plane by plane: number (c, y, x) at at + 4 * (c * plane + y * row + x). What lies between rows is anything. */
export interface ImageValue {
  readonly kind: 'image';
  readonly at: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Numbers from a row, a plane to the next. */
  readonly row: number;
  readonly plane: number;
}

/** All samples of a pass: feature i of sample b at at[pass] + 4 * (i * samples + b). */
export interface VectorValue {
  readonly kind: 'vector';
  readonly features: number;
  /** Address, by pass: there is one for each number of samples that a program takes at once. */
  readonly at: readonly number[];
}

/** Features that kernels may write though nobody reads them: they work on whole blocks, of up to 32 outputs. */
const SPARE_FEATURES = 32;

export function reserveVector(arena: Arena, features: number, passes: readonly number[]): VectorValue {
  const at = passes.map((samples) => arena.reserve((features + SPARE_FEATURES) * samples));
  return { kind: 'vector', features, at };
}

export function reserveImage(
  arena: Arena,
  size: Pick<ImageValue, 'channels' | 'height' | 'width'> & { readonly row?: number; readonly rows?: number },
): ImageValue {
  const { channels, height, width, row = width, rows = height } = size;
  const plane = row * rows;
  return { kind: 'image', at: arena.reserve(channels * plane), channels, height, width, row, plane };
}
