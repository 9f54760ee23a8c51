import { networkByName } from '@espalier/models';
import type { Snapshot } from '@espalier/tensor';
import type { Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs';
import type { Samples } from '@espalier/datasets';
import { Random } from '@espalier/base';
import { tensorflowJs } from '../load-tensorflow';
import { expectClose } from '../test-support/check-operation';
import { openSession } from './open-session';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

type Tf = Awaited<ReturnType<typeof tensorflowJs>>;
type Weights = Readonly<Record<string, Variable>>;

/** Written by hand, and differentiated by TensorFlow.js: shares nothing with the engine but the weights. */
const FORWARD: Readonly<Record<string, (tf: Tf, x: Tensor, w: Weights) => Tensor>> = {
  'lenet-300-100': (_tf, x, w) => {
    const dense = (input: Tensor, name: string): Tensor =>
      input.matMul(w[`${name}/kernel`]).add(w[`${name}/bias`]);
    return dense(dense(dense(x.reshape([-1, 784]), 'fc1').relu(), 'fc2').relu(), 'fc3');
  },
  'lenet-5': (tf, x, w) => {
    const dense = (input: Tensor, name: string): Tensor =>
      input.matMul(w[`${name}/kernel`]).add(w[`${name}/bias`]);
    const conv = (input: Tensor, name: string): Tensor =>
      tf.maxPool(
        tf
          .conv2d(input as Tensor4D, w[`${name}/kernel`] as unknown as Tensor4D, 1, 'valid')
          .add(w[`${name}/bias`]) as Tensor4D,
        2,
        2,
        'valid',
      );
    return dense(dense(conv(conv(x, 'conv1'), 'conv2').reshape([-1, 800]), 'fc1').relu(), 'fc2');
  },
};

function randomImages(count: number): Samples {
  const random = new Random(11);
  const images = Uint8Array.from({ length: count * 784 }, () => random.below(256));
  const labels = Uint8Array.from({ length: count }, () => random.below(10));
  return { images, labels, count, shape: [28, 28, 1] };
}

describe('the gradients of every kernel are those of TensorFlow.js', () => {
  it.each(Object.keys(FORWARD))('%s', async (name) => {
    const samples = randomImages(8);
    await using session = await openSession({
      network: networkByName(name),
      seed: 4,
      optimizer: { kind: 'sgd', momentum: 0 },
      learningRate: { kind: 'constant', base: 0.1 },
      batchSize: 8,
      data: { train: samples },
    });
    const found = await session.gradients({ batches: 1 });
    const expected = oracle(await tensorflowJs(), name, session.read(), samples);
    expect([...found.keys()].sort()).toEqual(
      [...expected.keys()].filter((key) => key.endsWith('kernel')).sort(),
    );
    for (const [kernel, gradient] of found)
      expectClose(gradient, expected.get(kernel) as Float32Array, { relative: 1e-4 });
    const batches: string[][] = [];
    await session.eachGradient({ batches: 2 }, (gradients) => {
      batches.push([...gradients.keys()].sort());
      if (batches.length > 1) return;
      for (const [parameter, gradient] of gradients)
        expectClose(gradient, expected.get(parameter) as Float32Array, { relative: 1e-4 });
    });
    expect(batches).toEqual([[...expected.keys()].sort(), [...expected.keys()].sort()]);

    // One step of plain SGD moves biases and kernels alike by rate x gradient.
    const before = session.read();
    await session.train({ untilStep: 1 });
    for (const [tensor, { data }] of session.read().tensors) {
      const gradient = expected.get(tensor) as Float32Array;
      const moved = Float32Array.from(
        before.tensors.get(tensor)?.data as Float32Array,
        (value, i) => value - 0.1 * gradient[i],
      );
      expectClose(data, moved);
    }
  });
});

function oracle(
  tf: Tf,
  name: string,
  { tensors }: Snapshot,
  { images, labels, count }: Samples,
): Map<string, Float32Array> {
  const weights: Record<string, Variable> = {};
  for (const [tensor, { data, shape }] of tensors) {
    weights[tensor] = tf.variable(tf.tensor(data as Float32Array, [...shape]));
  }
  const x = tf.tensor(
    Float32Array.from(images, (byte) => byte / 255),
    [count, 28, 28, 1],
  );
  const y = tf.oneHot([...labels], 10);
  const { grads } = tf.variableGrads(() =>
    tf.losses.softmaxCrossEntropy(y as Tensor2D, FORWARD[name](tf, x, weights) as Tensor2D).asScalar(),
  );
  const found = Object.entries(weights).map(
    ([tensor, variable]) => [tensor, grads[variable.name].dataSync().slice() as Float32Array] as const,
  );
  tf.dispose([x, y, ...Object.values(weights), ...Object.values(grads)]);
  return new Map(found);
}
