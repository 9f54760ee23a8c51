/**
 * The colours of masks. Kept, removed now and come back differ in lightness and along blue to yellow, which all common forms of colour
 * blindness leave; the test looks at them as each form does.
 */

export type Rgb = readonly [red: number, green: number, blue: number];

export interface MaskPalette {
  readonly kept: Rgb;
  readonly removed: Rgb;
  readonly back: Rgb;
  /** Removed in an earlier round. */
  readonly gone: Rgb;
  /** Between tiles. */
  readonly gap: Rgb;
}

export const LIGHT_PALETTE: MaskPalette = {
  kept: [42, 52, 58],
  removed: [232, 119, 10],
  back: [30, 136, 229],
  gone: [232, 236, 234],
  gap: [255, 255, 255],
};

export const DARK_PALETTE: MaskPalette = {
  kept: [224, 232, 229],
  removed: [240, 130, 20],
  back: [51, 133, 240],
  gone: [46, 55, 60],
  gap: [28, 34, 37],
};

/** By the colour of the text around it, so that it follows whatever made the page light or dark. */
export function paletteFor(element: Element): MaskPalette {
  const numbers = /\d+(\.\d+)?/g;
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(element).color.match(numbers) ?? []).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 127 ? DARK_PALETTE : LIGHT_PALETTE;
}

export function css([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}
