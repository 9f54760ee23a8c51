import type { Arrangement } from './arrangement';
import type { MaskChange } from './mask-change';
import type { MaskPalette, Rgb } from './palette';

/**
 * [height, width, 4] RGBA. A weight has the colour of what became of it; a block or a sum over units the mix of the colours of
 * its parts.
 */
export function paintMask(
  { entries }: Arrangement,
  { picture, before }: MaskChange,
  palette: MaskPalette,
): Uint8ClampedArray<ArrayBuffer> {
  const { shares, full } = picture;
  const pixels = new Uint8ClampedArray(4 * entries.length);
  const colours = new Map<number, Rgb>();
  const colourOf = (now: number, then: number): Rgb => {
    const key = now * (full + 1) + then;
    let colour = colours.get(key);
    if (!colour) colours.set(key, (colour = mix(now / full, then / full, palette)));
    return colour;
  };
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at];
    const [red, green, blue] = entry < 0 ? palette.gap : colourOf(shares[entry], before.shares[entry]);
    pixels[4 * at] = red;
    pixels[4 * at + 1] = green;
    pixels[4 * at + 2] = blue;
    pixels[4 * at + 3] = 255;
  }
  return pixels;
}

/** Shares before and now leave open which weights they are of; the fewest changes that explain them are drawn. */
function mix(now: number, then: number, palette: MaskPalette): Rgb {
  const parts: readonly (readonly [number, Rgb])[] = [
    [Math.min(now, then), palette.kept],
    [Math.max(0, then - now), palette.removed],
    [Math.max(0, now - then), palette.back],
    [1 - Math.max(now, then), palette.gone],
  ];
  const channel = (i: 0 | 1 | 2): number =>
    Math.round(parts.reduce((sum, [share, colour]) => sum + share * colour[i], 0));
  return [channel(0), channel(1), channel(2)];
}
