import { indexed, pixelsOf } from './png-pixels';

function header(width: number, height: number, colourType: number): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32BE(width, 0);
  bytes.writeUInt32BE(height, 4);
  bytes[8] = 8;
  bytes[9] = colourType;
  return bytes;
}

describe('the pixels of a PNG', () => {
  it.each([
    ['none', 0, [10, 20, 30, 40, 50, 60], [1, 2, 3, 4, 5, 6]],
    ['the left one', 1, [10, 20, 30, 30, 30, 30], [1, 2, 3, 3, 3, 3]],
    ['the one above', 2, [10, 20, 30, 40, 50, 60], [247, 238, 229, 220, 211, 202]],
    ['the mean of both', 3, [10, 20, 30, 35, 40, 45], [252, 248, 244, 240, 235, 231]],
    ['the nearest of three', 4, [10, 20, 30, 30, 30, 30], [247, 238, 229, 220, 241, 232]],
  ])('are those of rows that lean on %s', (_, filter, first, second) => {
    // Both rows with the same filter, and always the same picture.
    const rows = Uint8Array.from([filter, ...first, filter, ...second]);
    expect([...pixelsOf(header(2, 2, 2), rows).colours]).toEqual([0x0a141e, 0x28323c, 0x010203, 0x040506]);
  });

  it('leave transparency out', () => {
    const rows = Uint8Array.from([0, 1, 2, 3, 255]);
    expect([...pixelsOf(header(1, 1, 6), rows).colours]).toEqual([0x010203]);
    expect(() => pixelsOf(header(1, 1, 0), rows)).toThrow('only RGB');
  });
});

describe('few colours', () => {
  it('are the most frequent ones, and the nearest of these for the others', () => {
    const many = Uint32Array.from({ length: 600 }, (_, i) =>
      i < 300 ? 0xffffff : i < 590 ? i - 300 : 0xfefeff,
    );
    const { palette, pictures } = indexed([{ width: 600, height: 1, colours: many }]);
    expect(palette).toHaveLength(256);
    expect(palette[0]).toBe(0xffffff);
    expect(palette).toContain(0xfefeff);
    const shown = [...pictures[0]].map((place) => palette[place]);
    expect(shown.slice(0, 300)).toEqual(Array.from({ length: 300 }, () => 0xffffff));
    // Blues of 290 shades: none is further off than one that had to go.
    shown
      .slice(300, 590)
      .forEach((colour, i) => expect(Math.abs((colour & 255) - (i & 255))).toBeLessThan(40));
  });
});
