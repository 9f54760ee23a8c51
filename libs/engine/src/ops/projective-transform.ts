import { transformImages } from '@espalier/datasets';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { makeValue, type Operation, type Value } from './node';
import { requireRanks } from './shape-rules';

const operation: Operation<null> = {
  type: 'projectiveTransform',
  infer(inputs) {
    requireRanks('projectiveTransform', inputs, [4, 2]);
    return [inputs[0]];
  },
  write(node, graph) {
    const fill = graph.aux(node, 'Const', [], {
      dtype: { type: 'float32' },
      value: { tensor: { dtype: 'float32', shape: [], bytes: new Uint8Array(4) } },
    });
    const size = graph.ints(node.inputs[0].shape.slice(1, 3));
    graph.add(node, 'ImageProjectiveTransformV3', [...graph.refs(node), size, fill], {
      dtype: { type: 'float32' },
      interpolation: { text: 'BILINEAR' },
      fill_mode: { text: 'CONSTANT' },
    });
  },
  run(_node, [images, transforms], { tf }) {
    if (tf.getKernel('Transform', tf.getBackend())) {
      const [pixels, rows] = [images as Tensor4D, transforms as Tensor2D];
      return [tf.image.transform(pixels, rows, 'bilinear', 'constant', 0)];
    }
    // tfjs-node has the operation, but no TensorFlow.js kernel for it.
    const shape = images.shape.slice(1) as [number, number, number];
    const moved = transformImages(
      images.dataSync() as Float32Array,
      shape,
      transforms.dataSync() as Float32Array,
    );
    return [tf.tensor(moved, images.shape)];
  },
};

/**
 * Moves the pixels of images [batch, h, w, c] by one projective transform each, [batch, 8] (`augmentationTransforms` of
 * @espalier/datasets): bilinear, what lies outside is 0. No gradient: images are not trained.
 */
export function projectiveTransform(images: Value, transforms: Value): Value {
  return makeValue(operation, [images, transforms], null);
}
