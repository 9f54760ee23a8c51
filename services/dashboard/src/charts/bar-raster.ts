/**
 * Bars of one pixel's width, thousands a frame, written straight into an image: as rectangles of a canvas they would take most of the
 * frame. Pure but for `ImageData`'s memory, which is only an array here.
 */

/** Where bars may be drawn, in pixels of the canvas. */
export interface RasterArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export class BarRaster {
  readonly area: RasterArea;
  /** Red, green, blue, alpha; row by row. */
  readonly bytes: Uint8ClampedArray<ArrayBuffer>;
  readonly #pixels: Uint32Array;
  #used = false;

  constructor(area: RasterArea) {
    this.area = area;
    this.bytes = new Uint8ClampedArray(area.width * area.height * 4);
    this.#pixels = new Uint32Array(this.bytes.buffer);
  }

  /** Has there been a bar since it was cleared? */
  get used(): boolean {
    return this.#used;
  }

  clear(): void {
    this.#pixels.fill(0);
    this.#used = false;
  }

  /** Fills rows from `top` up to `bottom`, which is left out, of the canvas's column `x`; what is outside of the area is cut off. */
  bar(x: number, top: number, bottom: number, colour: number): void {
    const { left, top: above, width, height } = this.area;
    const column = x - left;
    if (column < 0 || column >= width) return;
    const pixels = this.#pixels;
    const end = Math.min(height, bottom - above) * width + column;
    for (let i = Math.max(0, top - above) * width + column; i < end; i += width) pixels[i] = colour;
    this.#used = true;
  }
}

/** `rgb(0, 114, 178)`, as a style is computed, as one opaque pixel; black for what is written otherwise. */
export function pixelOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  const bytes = Uint8ClampedArray.of(red, green, blue, 255);
  return new Uint32Array(bytes.buffer)[0];
}
