import { BarRaster, pixelOf } from './bar-raster';

const AREA = { left: 10, top: 5, width: 4, height: 6 };
const BLUE = pixelOf('rgb(0, 114, 178)');

/** A line of text for each row: which pixels have a colour. */
function picture({ bytes, area: { width } }: BarRaster): string[] {
  const set = Array.from({ length: bytes.length / 4 }, (_, i) => (bytes[i * 4 + 3] === 0 ? '.' : '#'));
  return Array.from({ length: set.length / width }, (_, row) =>
    set.slice(row * width, (row + 1) * width).join(''),
  );
}

it('bars fill their rows', () => {
  const raster = new BarRaster(AREA);
  raster.bar(10, 5, 7, BLUE);
  raster.bar(13, 8, 11, BLUE);
  expect(picture(raster)).toEqual(['#...', '#...', '....', '...#', '...#', '...#']);
  expect([...raster.bytes.subarray(0, 4)]).toEqual([0, 114, 178, 255]);
});

it('what lies outside is cut off', () => {
  const raster = new BarRaster(AREA);
  for (const x of [9, 14, -3]) raster.bar(x, 0, 99, BLUE);
  expect(raster.used).toBe(false);
  raster.bar(11, -20, 6, BLUE);
  raster.bar(12, 10, 400, BLUE);
  raster.bar(13, 20, 30, BLUE);
  expect(picture(raster)).toEqual(['.#..', '....', '....', '....', '....', '..#.']);
});

it('is empty when it was cleared', () => {
  const raster = new BarRaster(AREA);
  raster.bar(11, 5, 11, BLUE);
  raster.clear();
  expect([raster.used, new Set(raster.bytes)]).toEqual([false, new Set([0])]);
});

it('what is no colour is black', () => {
  expect(pixelOf('none')).toBe(pixelOf('rgb(0, 0, 0)'));
});
