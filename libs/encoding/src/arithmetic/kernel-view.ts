/**
 * A weight tensor as the coder sees it: [height, width, channels, outputs]. Convolutions are that already; a dense kernel
 * [in, out] is it when its inputs are the pixels of an image (LeNet-300-100's 784, or a flattened feature map), and otherwise
 * has height and width 1. A row is one (y, x, channel): all weights that read one input.
 */
import { sizeOf, type Shape } from '@espalier/tensor';

/** Height, width and channels of the image that the inputs of a dense layer are, row-major. */
export type ImageLayout = readonly [number, number, number];

export interface KernelView {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** height * width * channels. */
  readonly rows: number;
  readonly outputs: number;
}

/** `image` must have as many pixels as the tensor has rows; else it is left out of account. */
export function kernelView(shape: Shape, image?: ImageLayout): KernelView {
  const outputs = shape.length === 0 ? 1 : shape[shape.length - 1];
  const rows = outputs === 0 ? 0 : sizeOf(shape) / outputs;
  if (shape.length === 4) {
    return { height: shape[0], width: shape[1], channels: shape[2], rows, outputs };
  }
  if (image && image[0] * image[1] * image[2] === rows) {
    return { height: image[0], width: image[1], channels: image[2], rows, outputs };
  }
  return { height: 1, width: 1, channels: rows, rows, outputs };
}

/** Do the rows lie in a plane, so that they have neighbours above and to the left? */
export function isSpatial(view: KernelView): boolean {
  return view.height * view.width > 1;
}

/** Does each pair of channel and output have a plane of its own, a 2-D kernel? */
export function hasPlanes(view: KernelView): boolean {
  return isSpatial(view) && view.channels > 1;
}

/** The row `dy` down and `dx` to the right in the same channel; `view.rows` (a row that is all zero) beyond the border. */
export function shiftedRow(view: KernelView, row: number, [dy, dx]: readonly [number, number]): number {
  const { width, height, channels } = view;
  const pixel = Math.floor(row / channels);
  const x = (pixel % width) + dx;
  const y = Math.floor(pixel / width) + dy;
  if (x < 0 || x >= width || y < 0 || y >= height) return view.rows;
  return (y * width + x) * channels + (row % channels);
}

/** The row of the channel before, at the same pixel; `view.rows` for the first channel. */
export function previousChannelRow(view: KernelView, row: number): number {
  return row % view.channels === 0 ? view.rows : row - 1;
}

/** The orders in which weights can be coded: by input or by output first, and rows pixel by pixel or channel by channel. */
export const SCAN_ORDERS = ['rows', 'outputs', 'rows-by-channel', 'outputs-by-channel'] as const;
export type ScanOrder = (typeof SCAN_ORDERS)[number];

/** The orders that differ for this shape. */
export function scanOrdersFor(view: KernelView): readonly ScanOrder[] {
  return hasPlanes(view) ? SCAN_ORDERS : SCAN_ORDERS.slice(0, 2);
}

/** `rows` (ascending) in the order in which they are scanned. */
export function scannedRows(view: KernelView, rows: Int32Array, order: ScanOrder): Int32Array {
  if (order === 'rows' || order === 'outputs') return rows;
  const { channels } = view;
  return rows.slice().sort((a, b) => (a % channels) - (b % channels) || a - b);
}
