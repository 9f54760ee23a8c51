import { arrange, arrangeBlocks } from './arrangement';
import { maskChange } from './mask-change';
import { maskOfValues } from './mask-picture';
import { paintMask } from './paint-mask';
import { DARK_PALETTE, LIGHT_PALETTE, type MaskPalette, type Rgb } from './palette';

const pixel = (pixels: Uint8ClampedArray, at: number): number[] => [...pixels.subarray(4 * at, 4 * at + 4)];

describe('a painted mask', () => {
  it('has the colour of what became of each weight, and gaps between tiles', () => {
    const shape = [1, 1, 1, 4];
    const now = maskOfValues('conv1', shape, Float32Array.of(1, 0, 1, 0));
    const before = maskOfValues('conv1', shape, Float32Array.of(1, 1, 0, 0));
    const arranged = arrange(shape);
    expect([arranged.width, arranged.height]).toEqual([3, 3]);
    const pixels = paintMask(arranged, maskChange(now, before), LIGHT_PALETTE);
    const { kept, removed, back, gone, gap } = LIGHT_PALETTE;
    [kept, gap, removed, gap, gap, gap, back, gap, gone].forEach((colour, at) =>
      expect(pixel(pixels, at)).toEqual([...colour, 255]),
    );
  });

  it('mixes the colours of a block by its shares', () => {
    const palette: MaskPalette = {
      ...{ kept: [150, 0, 0], removed: [0, 150, 0], back: [0, 0, 150], gone: [0, 0, 0], gap: [9, 9, 9] },
    };
    const block = (...shares: number[]) => ({
      ...{ layer: 'fc1', shape: [2, 1], weights: 2, kept: 1 },
      ...{ shares: Uint8Array.from(shares), full: 15, grid: [2, 1] as const },
    });
    const pixels = paintMask(arrangeBlocks([2, 1]), maskChange(block(5, 10), block(12, 3)), palette);
    expect(pixel(pixels, 0)).toEqual([50, 70, 0, 255]);
    expect(pixel(pixels, 1)).toEqual([30, 0, 70, 255]);
  });
});

/** Viénot, Brettel and Mollon (1999) for red and green, and for blue what Brettel (1997) comes to on one side; linear RGB. */
const SEEN_AS: Readonly<Record<string, readonly (readonly number[])[]>> = {
  everyone: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopes: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
  deuteranopes: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
  tritanopes: [
    [1.01277, 0.13548, -0.14826],
    [-0.01243, 0.86812, 0.14431],
    [0.07589, 0.805, 0.11911],
  ],
};

const linear = (value: number): number =>
  value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;

/** CIE 1976 L*a*b* (D65). */
function lab(colour: Rgb, matrix: readonly (readonly number[])[]): readonly number[] {
  const rgb = colour.map(linear);
  const [r, g, b] = matrix.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, weight, i) => sum + weight * rgb[i], 0),
      ),
    ),
  );
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (t * 24389) / 27 / 116 + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe.each([
  ['light', LIGHT_PALETTE],
  ['dark', DARK_PALETTE],
])('the %s palette', (_, palette) => {
  it.each(Object.keys(SEEN_AS))('keeps its four states apart for %s', (who) => {
    const { kept, removed, back, gone } = palette;
    const seen = [kept, removed, back, gone].map((colour) => lab(colour, SEEN_AS[who]));
    const distances = seen.flatMap((a, i) =>
      seen.slice(i + 1).map((b) => Math.hypot(...a.map((value, at) => value - b[at]))),
    );
    // Beyond 10 two colours are told apart at a glance; 2.3 is just noticeable.
    expect(Math.min(...distances)).toBeGreaterThan(25);
  });
});
