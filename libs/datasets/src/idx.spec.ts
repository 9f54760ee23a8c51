import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parseIdx, requireLabels, samplesFromIdx } from './idx';

const big = (value: number): number[] => [
  value >>> 24,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
];
const idx = (dims: number[], values: number[]): Uint8Array =>
  Uint8Array.from([0, 0, 8, dims.length, ...dims.flatMap(big), ...values]);
const images = idx([2, 2, 1], [1, 2, 3, 4]);
const labels = idx([2], [0, 1]);
const pair = (imageBytes: Uint8Array, labelBytes: Uint8Array) => ({
  images: { file: 'images.idx', bytes: imageBytes },
  labels: { file: 'labels.idx', bytes: labelBytes },
});

describe('parseIdx', () => {
  it('gives dimensions and values', () => {
    const { dims, values } = parseIdx(images, 'images.idx');
    expect(dims).toEqual([2, 2, 1]);
    expect([...values]).toEqual([1, 2, 3, 4]);
  });

  it('reads a gzipped file as the plain one', () => {
    expect(parseIdx(gzipSync(images), 'images.gz').values).toEqual(parseIdx(images, 'images').values);
  });

  it('names file, magic and what came for a file that is not IDX', () => {
    expect(() => parseIdx(new TextEncoder().encode('PNG!'), 'cat.png')).toThrow(
      'DATA_IDX_MAGIC: the data file "cat.png" should begin with the IDX magic 00 00 08 (unsigned bytes), but begins with 50 4e 47 21',
    );
    expect(() => parseIdx(new Uint8Array(0), 'empty')).toThrow('begins with nothing');
    expect(() => parseIdx(Uint8Array.from([0, 0, 0x0d, 1, 0, 0, 0, 0]), 'floats')).toThrow('DATA_IDX_MAGIC');
  });

  it('counts the bytes of a file that was cut, or that goes on', () => {
    expect(() => parseIdx(images.subarray(0, 19), 'cut')).toThrow(
      'DATA_IDX_TRUNCATED: the data file "cut" declares [2, 2, 1] and so should have 20 bytes, but has 19',
    );
    expect(() => parseIdx(Uint8Array.from([...images, 0]), 'long')).toThrow(
      'should have 20 bytes, but has 21',
    );
    expect(() => parseIdx(images.subarray(0, 6), 'header')).toThrow('DATA_IDX_TRUNCATED');
  });

  it('refuses dimensions whose product no file could hold', () => {
    const bomb = Uint8Array.from([0, 0, 8, 4, ...Array(16).fill(255)]);
    expect(() => parseIdx(bomb, 'bomb')).toThrow('DATA_IDX_TRUNCATED');
    expect(() => parseIdx(Uint8Array.from([0, 0, 8, 0]), 'scalar')).toThrow('DATA_IDX_DIMS');
  });

  it('says that a gzip file is broken', () => {
    const broken = gzipSync(images).subarray(0, 15);
    expect(() => parseIdx(broken, 'x.gz')).toThrow('DATA_IDX_GZIP: the data file "x.gz" begins as gzip');
  });

  it('never throws anything without a code, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (tail, withMagic) => {
        const bytes = withMagic ? Uint8Array.from([0, 0, 8, ...tail]) : tail;
        try {
          parseIdx(bytes, 'fuzz');
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^DATA_IDX_/);
        }
      }),
    );
  });
});

describe('samplesFromIdx', () => {
  it('takes images without a channel axis as one channel', () => {
    expect(samplesFromIdx(pair(images, labels))).toMatchObject({ count: 2, shape: [2, 1, 1] });
    const colour = idx([2, 1, 1, 3], [1, 2, 3, 4, 5, 6]);
    expect(samplesFromIdx(pair(colour, labels)).shape).toEqual([1, 1, 3]);
  });

  it('refuses labels where images should be, and the other way round', () => {
    expect(() => samplesFromIdx(pair(labels, labels))).toThrow(
      /DATA_IDX_DIMS: the data file "images.idx" should hold images.*declares \[2\]; are images and labels swapped/,
    );
    expect(() => samplesFromIdx(pair(images, images))).toThrow(
      'the data file "labels.idx" should hold labels',
    );
  });

  it('refuses images and labels of different number', () => {
    expect(() => samplesFromIdx(pair(images, idx([3], [0, 1, 2])))).toThrow(
      'DATA_IDX_COUNT: the image file "images.idx" has 2 samples, but the label file "labels.idx" has 3',
    );
  });

  it('refuses an empty data set', () => {
    expect(() => samplesFromIdx(pair(idx([0, 2, 2], []), idx([0], [])))).toThrow('DATA_IDX_DIMS');
  });
});

describe('requireLabels', () => {
  it('names the first label beyond the classes', () => {
    expect(() => requireLabels(Uint8Array.from([0, 9, 10, 11]), 10, 'l.idx')).toThrow(
      'DATA_IDX_LABEL: the label file "l.idx" has label 10 at index 2, but labels go from 0 to 9',
    );
    expect(() => requireLabels(Uint8Array.from([0, 9]), 10, 'l.idx')).not.toThrow();
  });
});
