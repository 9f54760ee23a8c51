/** A network that was trained on MNIST, in whole numbers: as right as in floats, on all test images. */
import { readMnist, sliceSamples } from '@espalier/datasets';
import { openSession } from '@espalier/engine';
import { createIntegerModel, createModel } from '@espalier/inference';
import { networkByName, parametersOf } from '@espalier/models';
import type { Tensor } from '@espalier/tensor';

/** Of the training images. */
const CALIBRATION = 512;
const BATCH = 100;

const floats = (images: Uint8Array): Float32Array => Float32Array.from(images, (pixel) => pixel / 255);

it('LeNet-5 of one epoch loses less than 0.2 points in 8 bits, and mostly answers the same', async () => {
  const { train, test } = readMnist();
  const network = networkByName('lenet-5');
  await using session = await openSession({
    network,
    seed: 1,
    data: { train: sliceSamples(train, 0, 20_000), test },
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    learningRate: { kind: 'constant', base: 1e-3 },
    batchSize: 64,
  });
  await session.train({ untilStep: session.stepsPerEpoch });
  const { tensors: trained } = session.read();
  const tensors = new Map(
    parametersOf(network).map(({ name }) => [name, trained.get(name) as Tensor] as const),
  );
  const source = { network, tensors };
  const samples = floats(sliceSamples(train, 0, CALIBRATION).images);
  const integer = await createIntegerModel(source, { samples });
  const float = await createModel(source, { kernels: 'dense', batch: BATCH });

  const wrong = { integer: 0, float: 0, different: 0 };
  for (let first = 0; first < test.count; first += BATCH) {
    const { images, labels } = sliceSamples(test, first, first + BATCH);
    const pixels = floats(images);
    const answers = [integer, float].map((model) => bestOf(model.run(pixels, BATCH)));
    for (let i = 0; i < BATCH; i++) {
      if (answers[0][i] !== labels[i]) wrong.integer++;
      if (answers[1][i] !== labels[i]) wrong.float++;
      if (answers[0][i] !== answers[1][i]) wrong.different++;
    }
  }
  // An epoch of a third of the images: some 3 %. What is trained is really what is tested.
  expect(wrong.float).toBeLessThan(0.06 * test.count);
  expect(wrong.float).toBeGreaterThan(50);
  expect(wrong.integer - wrong.float).toBeLessThan(0.002 * test.count);
  expect(wrong.different).toBeLessThan(0.01 * test.count);
});

/** [batch, 10] -> the place of the largest of each row */
function bestOf(logits: Float32Array): number[] {
  return Array.from({ length: logits.length / 10 }, (_, b) => {
    const row = logits.subarray(10 * b, 10 * (b + 1));
    return row.indexOf(row.reduce((most, value) => Math.max(most, value)));
  });
}
