import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readIdxDataSet } from './read-files';

const folder = mkdtempSync(join(tmpdir(), 'espalier-datasets-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, bytes: readonly number[], packed = false): string {
  const file = join(folder, name);
  writeFileSync(file, packed ? gzipSync(Uint8Array.from(bytes)) : Uint8Array.from(bytes));
  return file;
}

const twoImages = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4];
const train = {
  images: write('train-images', twoImages, true),
  labels: write('train-labels', [0, 0, 8, 1, 0, 0, 0, 2, 0, 2], true),
};
const test = {
  images: write('test-images', twoImages),
  labels: write('test-labels', [0, 0, 8, 1, 0, 0, 0, 2, 1, 0]),
};

describe('readIdxDataSet', () => {
  it('reads plain and gzipped files, and counts the classes', () => {
    const dataset = readIdxDataSet({ name: 'tiny', train, test });
    expect(dataset).toMatchObject({ name: 'tiny', classes: 3 });
    expect([...dataset.train.images]).toEqual([1, 2, 3, 4]);
    expect([...dataset.test.labels]).toEqual([1, 0]);
  });

  it('refuses a label beyond the classes that were promised', () => {
    expect(() => readIdxDataSet({ name: 'tiny', train, test, classes: 2 })).toThrow(
      `DATA_IDX_LABEL: the label file "${train.labels}" has label 2 at index 1`,
    );
  });

  it('names a file that is not there', () => {
    const images = join(folder, 'nowhere');
    expect(() => readIdxDataSet({ name: 'tiny', train: { ...train, images }, test })).toThrow(
      `DATA_FILE: cannot read the data file "${images}"`,
    );
  });

  it('refuses test images of another shape', () => {
    const images = write('tall', [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4]);
    expect(() => readIdxDataSet({ name: 'tiny', train, test: { ...test, images } })).toThrow(
      'DATA_SHAPE: the test images of "tiny" are 2 x 1 x 1, but the training images are 1 x 2 x 1',
    );
  });
});
