/** All units of a dense layer that reads an image, one over the other: by pixel, how many of its weights are kept. */
import type { ImageShape } from './arrangement';
import type { MaskChange } from './mask-change';
import type { MaskPicture } from './mask-picture';

/** Undefined where the layer reads no such image, or its picture has blocks. */
export function unitSum(change: MaskChange, image: ImageShape): MaskChange | undefined {
  const { picture, before } = change;
  const [height, width, channels] = image;
  if (picture.grid || picture.shape.length !== 2 || picture.shape[0] !== height * width * channels) {
    return undefined;
  }
  const now = keptByPixel(picture, image);
  const then = before === picture ? now : keptByPixel(before, image);
  // The pixel with the most weights is drawn at full strength: of 2 % kept nothing would be seen otherwise.
  const full = Math.max(1, largest(now), largest(then));
  const summed = (of: MaskPicture, shares: Uint16Array): MaskPicture => ({
    ...of,
    shares,
    full,
    summed: true,
  });
  const sum = summed(picture, now);
  return { ...change, picture: sum, before: before === picture ? sum : summed(before, then) };
}

/** [height, width] counts. */
export function keptByPixel(
  { shares, shape }: MaskPicture,
  [height, width, channels]: ImageShape,
): Uint16Array {
  const perPixel = channels * shape[1];
  const kept = new Uint16Array(height * width);
  for (let i = 0; i < shares.length; i++) kept[Math.floor(i / perPixel)] += shares[i];
  return kept;
}

function largest(values: Uint16Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
