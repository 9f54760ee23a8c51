/** Convolution (cross-correlation) over NHWC with kernel [kh, kw, in, out], and its two gradients. One group. */
import type { Shape } from '@espalier/tensor';
import type { EagerContext, EagerTensor } from './eager-context';
import type { Attribute, GraphWriter } from './graph-writer';
import { makeValue, type Node, type Operation, type Value } from './node';
import { refuse, requireRanks, windowOutput } from './shape-rules';

export interface WindowOptions {
  readonly stride: readonly [number, number];
  readonly padding: 'valid' | 'same';
}

const operation: Operation<WindowOptions> = {
  type: 'conv2d',
  infer(inputs, { stride, padding }) {
    requireRanks('conv2d', inputs, [4, 4]);
    const [x, kernel] = inputs;
    if (x.shape[3] !== kernel.shape[2]) throw refuse('conv2d', inputs, 'the channels differ');
    const [height, width] = [0, 1].map((i) =>
      windowOutput(x.shape[i + 1], kernel.shape[i], stride[i], padding),
    );
    if (height < 1 || width < 1) throw refuse('conv2d', inputs, 'the kernel is larger than the image');
    return [{ dtype: x.dtype, shape: [x.shape[0], height, width, kernel.shape[3]] }];
  },
  gradient({ inputs: [x, kernel], attributes }, [dy]) {
    if (!dy) return [undefined, undefined];
    return [
      makeValue(inputGradient, [kernel, dy], { ...attributes, shape: x.shape }),
      makeValue(kernelGradient, [x, dy], { ...attributes, shape: kernel.shape }),
    ];
  },
  write(node, graph) {
    graph.add(node, 'Conv2D', graph.refs(node), convolutionAttributes(node.attributes));
  },
  run: (node, [x, kernel], context) => [
    runKernel(
      context,
      'Conv2D',
      { x, filter: kernel },
      { ...eagerAttributes(node.attributes), dilations: [1, 1] },
    ),
  ],
};

interface GradientOptions extends WindowOptions {
  /** Of the result. */
  readonly shape: Shape;
}

/** Inputs: kernel, dy. */
const inputGradient: Operation<GradientOptions> = {
  type: 'conv2dInputGradient',
  infer: ([kernel], { shape }) => [{ dtype: kernel.dtype, shape }],
  write(node, graph) {
    writeGradient(node, graph, 'Conv2DBackpropInput', (sizes, [kernel, dy]) => [sizes, kernel, dy]);
  },
  run: (node, [filter, dy], context) => [
    runKernel(
      context,
      'Conv2DBackpropInput',
      { dy, filter },
      {
        ...eagerAttributes(node.attributes),
        inputShape: [...node.attributes.shape],
      },
    ),
  ],
};

/** Inputs: x, dy. The WASM backend lacks this kernel. */
const kernelGradient: Operation<GradientOptions> = {
  type: 'conv2dKernelGradient',
  infer: ([x], { shape }) => [{ dtype: x.dtype, shape }],
  write(node, graph) {
    writeGradient(node, graph, 'Conv2DBackpropFilter', (sizes, [x, dy]) => [x, sizes, dy]);
  },
  run: (node, [x, dy], context) => [
    runKernel(
      context,
      'Conv2DBackpropFilter',
      { x, dy },
      {
        ...eagerAttributes(node.attributes),
        filterShape: [...node.attributes.shape],
      },
    ),
  ],
};

function writeGradient(
  node: Node<GradientOptions>,
  graph: GraphWriter,
  op: string,
  arrange: (sizes: string, refs: string[]) => string[],
): void {
  const sizes = graph.ints(node.attributes.shape);
  graph.add(node, op, arrange(sizes, graph.refs(node)), convolutionAttributes(node.attributes));
}

function convolutionAttributes({ stride, padding }: WindowOptions): Record<string, Attribute> {
  return {
    T: { type: 'float32' },
    strides: { ints: [1, ...stride, 1] },
    dilations: { ints: [1, 1, 1, 1] },
    explicit_paddings: { ints: [] },
    padding: { text: padding.toUpperCase() },
    data_format: { text: 'NHWC' },
    use_cudnn_on_gpu: { bool: true },
  };
}

function eagerAttributes({ stride, padding }: WindowOptions): Record<string, unknown> {
  return { strides: [...stride], pad: padding, dataFormat: 'NHWC' };
}

/** Runs a kernel that TensorFlow.js does not offer as a function. */
export function runKernel(
  { tf }: EagerContext,
  name: string,
  inputs: Readonly<Record<string, EagerTensor>>,
  attributes: Readonly<Record<string, unknown>>,
): EagerTensor {
  return tf
    .engine()
    .runKernel(name, { ...inputs }, { ...attributes } as Record<string, never>) as EagerTensor;
}

/** x [batch, h, w, in], kernel [kh, kw, in, out] -> [batch, h', w', out]. */
export function conv2d(x: Value, kernel: Value, options: WindowOptions): Value {
  return makeValue(operation, [x, kernel], options);
}
