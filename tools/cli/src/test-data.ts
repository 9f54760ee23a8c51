/** The samples that a file is tested on: MNIST's, or an image and a label file. */
import { readMnist, requireLabels, samplesFromIdx, type DataSet, type Samples } from '@espalier/datasets';
import { cliError } from './errors';
import { readInput } from './files';

/** @param data `mnist`, or `IMAGES,LABELS`. @throws CLI_DATA, CLI_FILE, DATA_* */
export function readTestData(data: string): DataSet {
  if (data === 'mnist') return readMnist();
  const [images, labels, ...rest] = data.split(',');
  if (!images || !labels || rest.length > 0) {
    throw cliError('CLI_DATA', { data, problem: 'it should be "mnist", or IMAGES,LABELS: two IDX files' });
  }
  const test: Samples = samplesFromIdx({
    images: { file: images, bytes: readInput(images) },
    labels: { file: labels, bytes: readInput(labels) },
  });
  const classes = test.labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  requireLabels(test.labels, classes, labels);
  return { name: images, classes, train: test, test };
}
