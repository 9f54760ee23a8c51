/** A part of MNIST in files of its own: services read and pass on in no time what takes them seconds of the whole. */
import { readMnist, sliceSamples, type Samples } from '@espalier/datasets';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SAMPLES = { train: 11_000, test: 1_000 };

/** For a recipe in the same folder: few samples to train on, and so many to look at that stages are not over at once. */
export const SMALL_MNIST = `data:
  format: idx
  train: { images: train-images, labels: train-labels }
  test: { images: test-images, labels: test-labels }
  heldOut: 10000
`;

/** The files that `SMALL_MNIST` names. */
export function writeSmallMnist(folder: string): void {
  const { train, test } = readMnist();
  writeSamples(folder, 'train', sliceSamples(train, 0, SAMPLES.train));
  writeSamples(folder, 'test', sliceSamples(test, 0, SAMPLES.test));
}

function writeSamples(folder: string, part: string, { images, labels, count, shape }: Samples): void {
  const [height, width] = shape;
  writeFileSync(join(folder, `${part}-images`), idx([count, height, width], images));
  writeFileSync(join(folder, `${part}-labels`), idx([count], labels));
}

function idx(dims: readonly number[], values: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4 + 4 * dims.length);
  head[2] = 8;
  head[3] = dims.length;
  dims.forEach((dim, i) => head.writeUInt32BE(dim, 4 + 4 * i));
  return Buffer.concat([head, values]);
}
