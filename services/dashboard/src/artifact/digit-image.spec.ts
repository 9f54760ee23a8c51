import fc from 'fast-check';
import { centreOfMass, digitImage, IMAGE_SIZE, type Stroke } from './digit-image';
import { EXAMPLE_DIGITS } from './example-digits';

const moved = (strokes: readonly Stroke[], by: number, to: number): readonly Stroke[] =>
  strokes.map((stroke) => stroke.map(({ x, y }) => ({ x: x * by + to, y: y * by + to })));

function extent(image: Float32Array): readonly [width: number, height: number] {
  const found = [...image.keys()].filter((i) => image[i] > 0);
  const side = (of: (i: number) => number): number =>
    Math.max(...found.map(of)) - Math.min(...found.map(of)) + 1;
  return [side((i) => i % IMAGE_SIZE), side((i) => Math.floor(i / IMAGE_SIZE))];
}

describe('a drawn digit', () => {
  it.each([...EXAMPLE_DIGITS.keys()])(
    '%i fills a box of 20 x 20, with its centre of mass in the middle',
    (digit) => {
      const image = digitImage(EXAMPLE_DIGITS[digit]) as Float32Array;
      expect(image).toHaveLength(784);
      const longer = Math.max(...extent(image));
      expect(longer).toBeGreaterThanOrEqual(19);
      expect(longer).toBeLessThanOrEqual(21);
      const { x, y } = centreOfMass(image);
      expect(Math.abs(x - 14)).toBeLessThan(0.1);
      expect(Math.abs(y - 14)).toBeLessThan(0.1);
    },
  );

  it("has as much ink as MNIST's digits have on average", () => {
    const inks = EXAMPLE_DIGITS.map(
      (strokes) => digitImage(strokes)?.reduce((sum, ink) => sum + ink, 0) ?? 0,
    );
    const mean = inks.reduce((sum, ink) => sum + ink, 0) / inks.length;
    expect(mean).toBeGreaterThan(95);
    expect(mean).toBeLessThan(110);
  });

  it('is the same wherever and however large it was drawn', () => {
    const size = fc.double({ min: 0.01, max: 1000, noNaN: true });
    const place = fc.double({ min: -1000, max: 1000, noNaN: true });
    const digit = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(digit, size, place, (which, by, to) => {
        const wanted = digitImage(EXAMPLE_DIGITS[which]) as Float32Array;
        const image = digitImage(moved(EXAMPLE_DIGITS[which], by, to)) as Float32Array;
        return image.every((ink, i) => Math.abs(ink - wanted[i]) < 1e-4 && ink >= 0 && ink <= 1);
      }),
    );
  });

  it('may be a dot, which stays one', () => {
    const image = digitImage([[{ x: 5, y: 7 }]]) as Float32Array;
    expect(extent(image)).toEqual([3, 3]);
    expect(image[14 * IMAGE_SIZE + 14]).toBe(1);
  });

  it('is none where nothing was drawn', () => {
    expect(digitImage([])).toBeUndefined();
    expect(digitImage([[]])).toBeUndefined();
  });
});
