/**
 * Where activations and their gradients lie: pixel by pixel, the channels of a pixel one behind the other, of each channel all samples
 * of the batch side by side. A plane may have a border, which of activations is the padding of the convolution that reads them: zeros, which nobody writes to.
 */
import type { Arena } from './arena';

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
  readonly address: number;
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
  /** Bytes of one channel of one pixel: of all samples. */
  readonly batchBytes: number;
  readonly border?: Border;
}

export function makePlane(
  arena: Arena,
  { height, width, channels }: Extent,
  { batchBytes, border = NO_BORDER }: PlaneOptions,
): Plane {
  const rows = border.top + height + border.bottom;
  const columns = border.left + width + border.right;
  const pixelBytes = channels * batchBytes;
  const rowBytes = columns * pixelBytes;
  const first = border.top * rowBytes + border.left * pixelBytes;
  const offsets = pixelOffsets({ height, width, rowBytes, pixelBytes }, first);
  return {
    address: arena.room(rows * rowBytes),
    bytes: rows * rowBytes,
    table: arena.place(offsets),
    ...{ pixels: height * width, first, channels, pixelBytes, rowBytes },
  };
}

/** The memory at `address` as an image without gaps. */
export function packedPlane(
  arena: Arena,
  { height, width, channels }: Extent,
  { address, batchBytes }: { readonly address: number; readonly batchBytes: number },
): Plane {
  const pixelBytes = channels * batchBytes;
  const rowBytes = width * pixelBytes;
  const table = arena.place(pixelOffsets({ height, width, rowBytes, pixelBytes }));
  const pixels = height * width;
  return { address, bytes: height * rowBytes, table, pixels, first: 0, channels, pixelBytes, rowBytes };
}

/** Another one that is laid out alike. */
export function planeLike(arena: Arena, plane: Plane): Plane {
  return { ...plane, address: arena.room(plane.bytes) };
}

/** Has it no border? */
export function isPacked({ bytes, pixels, pixelBytes }: Plane): boolean {
  return bytes === pixels * pixelBytes;
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
