/**
 * Where activations and their gradients lie: part by part of the batch, pixel by pixel, the channels of a pixel one behind the other, of
 * each channel the samples of the part side by side. A plane may have a border, which of activations is the padding of the convolution that
 * reads them: zeros, which nobody writes to.
 */
import type { Arena } from './arena';
import { TILE_BYTES } from './memory-map';

/** Of an image: a dense layer's is one pixel whose channels are its units. */
export interface Extent {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface Border {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export const NO_BORDER: Border = { top: 0, left: 0, bottom: 0, right: 0 };

export interface Plane {
  /** Of the first part; the others follow. */
  readonly address: number;
  /** Of a part. */
  readonly bytes: number;
  /** Address of the Int32 table of its pixels' byte offsets. */
  readonly table: number;
  readonly pixels: number;
  /** Byte offset of the first. */
  readonly first: number;
  readonly channels: number;
  /** Bytes from a pixel to the one on its right in memory, and to the one below. */
  readonly pixelBytes: number;
  readonly rowBytes: number;
}

export interface PlaneOptions {
  /** Of the batch. */
  readonly parts: number;
  readonly border?: Border;
}

export function makePlane(
  arena: Arena,
  { height, width, channels }: Extent,
  { parts, border = NO_BORDER }: PlaneOptions,
): Plane {
  const rows = border.top + height + border.bottom;
  const columns = border.left + width + border.right;
  const pixelBytes = channels * TILE_BYTES;
  const rowBytes = columns * pixelBytes;
  const first = border.top * rowBytes + border.left * pixelBytes;
  const offsets = pixelOffsets({ height, width, rowBytes, pixelBytes }, first);
  return {
    address: arena.room(parts * rows * rowBytes),
    bytes: rows * rowBytes,
    table: arena.place(offsets),
    ...{ pixels: height * width, first, channels, pixelBytes, rowBytes },
  };
}

/** The memory of a plane without a border, for other extents: `bytes` of a part may go beyond these. */
export function packedPlane(
  arena: Arena,
  { height, width, channels }: Extent,
  { address, bytes }: Pick<Plane, 'address' | 'bytes'>,
): Plane {
  const pixelBytes = channels * TILE_BYTES;
  const rowBytes = width * pixelBytes;
  const table = arena.place(pixelOffsets({ height, width, rowBytes, pixelBytes }));
  return { address, bytes, table, pixels: height * width, first: 0, channels, pixelBytes, rowBytes };
}

/** Another one that is laid out alike. */
export function planeLike(arena: Arena, plane: Plane, parts: number): Plane {
  return { ...plane, address: arena.room(parts * plane.bytes) };
}

/** Where a part of it begins. */
export function partOf({ address, bytes }: Plane, part: number): number {
  return address + part * bytes;
}

/** Byte offsets of pixels, or of the first pixels of windows, from `first`. */
export function pixelOffsets(
  {
    height,
    width,
    rowBytes,
    pixelBytes,
  }: {
    readonly height: number;
    readonly width: number;
    readonly rowBytes: number;
    readonly pixelBytes: number;
  },
  first = 0,
): Int32Array {
  return Int32Array.from(
    { length: height * width },
    (_, i) => first + Math.floor(i / width) * rowBytes + (i % width) * pixelBytes,
  );
}
