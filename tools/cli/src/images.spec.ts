import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { imageShapeOf, readImage } from './images';

describe('images', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'espalier-images-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** RGBA of each pixel, row by row. */
  function png(name: string, width: number, pixels: readonly (readonly number[])[]): string {
    const image = new PNG({ width, height: pixels.length / width });
    image.data = Buffer.from(pixels.flat());
    const file = join(folder, name);
    writeFileSync(file, PNG.sync.write(image));
    return file;
  }

  it('takes the grey of a colour picture, and black where it is transparent', () => {
    const file = png('a.png', 2, [
      [255, 255, 255, 255],
      [0, 0, 0, 255],
      [255, 0, 0, 255],
      [255, 255, 255, 0],
    ]);
    expect(readImage(file, [2, 2, 1])).toEqual({ pixels: Uint8Array.of(255, 0, 76, 0), shape: [2, 2, 1] });
    expect(readImage(file, [2, 2, 3]).pixels.subarray(6, 9)).toEqual(Uint8Array.of(255, 0, 0));
  });

  it('takes one image of an IDX file', () => {
    const file = join(folder, 'images');
    const header = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    writeFileSync(file, Uint8Array.from([...header, 1, 2, 3, 4]));
    expect(readImage(`${file}:1`, [1, 2, 1]).pixels).toEqual(Uint8Array.of(3, 4));
    expect(() => readImage(`${file}:2`, [1, 2, 1])).toThrow(/CLI_IMAGE.*there are 2 images/);
  });

  it("takes MNIST's images with their labels", () => {
    const image = readImage('mnist:test:0', [28, 28, 1]);
    expect([image.label, image.pixels.length]).toEqual([7, 784]);
  });

  it('refuses another size, another kind of name, and what is no picture', () => {
    const file = png('b.png', 1, [[0, 0, 0, 255]]);
    expect(() => readImage(file, [28, 28, 1])).toThrow(/it is 1 x 1 x 1, but the network takes 28 x 28 x 1/);
    expect(() => readImage('picture.jpg', [28, 28, 1])).toThrow(/FILE.png, IDX-FILE:INDEX/);
    writeFileSync(file, 'no picture');
    expect(() => readImage(file, [28, 28, 1])).toThrow(/CLI_IMAGE/);
    expect(() => readImage(join(folder, 'missing.png'), [28, 28, 1])).toThrow(/CLI_FILE/);
  });

  it('takes a flat input for a square image', () => {
    expect([imageShapeOf([28, 28, 1]), imageShapeOf([784]), imageShapeOf([10])]).toEqual([
      [28, 28, 1],
      [28, 28, 1],
      [1, 10, 1],
    ]);
  });
});
