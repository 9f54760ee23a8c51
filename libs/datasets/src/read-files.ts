/** The only part of the lib that touches the disk: reads IDX files into a data set. */
import { readFileSync } from 'node:fs';
import type { DataSet, Samples } from './dataset';
import { dataError } from './errors';
import { requireLabels, samplesFromIdx } from './idx';

export interface IdxFiles {
  readonly images: string;
  readonly labels: string;
}

export interface IdxSource {
  /** How the data set is called in reports. */
  readonly name: string;
  readonly train: IdxFiles;
  readonly test: IdxFiles;
  /** Default: the highest label + 1. */
  readonly classes?: number;
}

/**
 * Reads four IDX files, plain or gzipped.
 * @throws DATA_FILE, DATA_SHAPE and the DATA_IDX_* errors, each naming the file
 */
export function readIdxDataSet(source: IdxSource): DataSet {
  const train = readSamples(source.train);
  const test = readSamples(source.test);
  if (train.shape.join() !== test.shape.join()) {
    throw dataError('DATA_SHAPE', {
      name: source.name,
      train: train.shape.join(' x '),
      test: test.shape.join(' x '),
    });
  }
  const classes = source.classes ?? Math.max(highest(train.labels), highest(test.labels)) + 1;
  requireLabels(train.labels, classes, source.train.labels);
  requireLabels(test.labels, classes, source.test.labels);
  return { name: source.name, classes, train, test };
}

function readSamples(files: IdxFiles): Samples {
  return samplesFromIdx({
    images: { file: files.images, bytes: readBytes(files.images) },
    labels: { file: files.labels, bytes: readBytes(files.labels) },
  });
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw dataError('DATA_FILE', { file, problem: (cause as Error).message }, { cause });
  }
}

function highest(labels: Uint8Array): number {
  return labels.reduce((most, label) => Math.max(most, label), 0);
}
