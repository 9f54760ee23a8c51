/** A masked step as one writes it with TensorFlow.js, on tfjs-node: `tfjs-peer FOLDER THREADS`. */
import { loadEngine, tensorflowJs } from '@espalier/engine';
import type { LayerSpec } from '@espalier/models';
import { join } from 'node:path';
import { answerQuestions } from './answer';
import { readBytes, readDescription, readFloats, readSamples } from './case-files';

type Tf = Awaited<ReturnType<typeof tensorflowJs>>;
type Tensor = ReturnType<Tf['tensor']>;
type Variable = ReturnType<Tf['variable']>;

async function main(folder: string, threads: number): Promise<void> {
  await loadEngine({ force: 'native', threads });
  const tf = await tensorflowJs();
  const item = readDescription(folder);
  const { images, labels, count, shape } = readSamples(folder, item);
  const pixels = tf.tidy(() => tf.tensor(images, [count, ...shape], 'float32').div(255));
  const answers = tf.oneHot(tf.tensor1d(labels, 'int32'), 10);
  const order = new Int32Array(readBytes(join(folder, 'order.u32')).buffer);

  const weights = new Map<string, Variable>();
  const masks = new Map<string, Tensor>();
  for (const { name, shape: own, file, mask } of item.tensors) {
    const variable = tf.variable(tf.tensor(readFloats(join(folder, file)), [...own]), true, name);
    weights.set(name, variable);
    if (mask) masks.set(name, tf.tensor(readBytes(join(folder, mask)), [...own], 'float32'));
  }
  const optimizer = tf.train.momentum(item.learningRate, item.momentum);
  const logits = (x: Tensor): Tensor =>
    item.network.layers.reduce((y, layer) => layerOutput(tf, { layer, weights, x: y }), x);

  let step = 0;
  await answerQuestions(`tfjs-node ${tf.version.tfjs}`, async () => {
    const from = (step++ % Math.floor(count / item.batch)) * item.batch;
    const loss = tf.tidy(() => {
      const indices = tf.tensor1d(order.subarray(from, from + item.batch), 'int32');
      const [x, y] = [tf.gather(pixels, indices), tf.gather(answers, indices)];
      const { value, grads } = tf.variableGrads(() =>
        tf.losses.softmaxCrossEntropy(y, logits(x) as typeof y).asScalar(),
      );
      const masked = Object.entries(grads).map(([name, tensor]) => {
        const mask = masks.get(name);
        return { name, tensor: mask ? tensor.mul(mask) : tensor };
      });
      optimizer.applyGradients(masked);
      return value;
    });
    const [value] = await loss.data();
    loss.dispose();
    return value;
  });
}

/** The layers of the LeNets. */
function layerOutput(
  tf: Tf,
  {
    layer,
    weights,
    x,
  }: { readonly layer: LayerSpec; readonly weights: ReadonlyMap<string, Variable>; readonly x: Tensor },
): Tensor {
  const own = (role: string): Variable => weights.get(`${layer.name}/${role}`) as Variable;
  switch (layer.type) {
    case 'dense':
      return x.matMul(own('kernel')).add(own('bias'));
    case 'conv2d': {
      const [images, kernel] = [x as ReturnType<Tf['tensor4d']>, own('kernel')];
      const moved = tf.conv2d(
        images,
        kernel as unknown as ReturnType<Tf['tensor4d']>,
        [...layer.stride],
        'valid',
      );
      return moved.add(own('bias'));
    }
    case 'maxPool':
      return tf.maxPool(x as ReturnType<Tf['tensor4d']>, [...layer.size], [...layer.stride], 'valid');
    case 'flatten':
      return x.reshape([x.shape[0], -1]);
    case 'relu':
      return x.relu();
    default:
      throw new TypeError(`the bench has no layer ${layer.type} for TensorFlow.js`);
  }
}

void main(process.argv[2], Number(process.argv[3]));
