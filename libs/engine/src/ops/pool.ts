/** Max and average pooling over NHWC, and their gradients. With `same` padding the average leaves the padding out. */
import { runKernel, type WindowOptions } from './conv2d';
import type { Attribute } from './graph-writer';
import { makeValue, type Operation, type Value } from './node';
import { refuse, requireRanks, windowOutput } from './shape-rules';

export interface PoolOptions extends WindowOptions {
  readonly size: readonly [number, number];
}

const maximum: Operation<PoolOptions> = {
  type: 'maxPool',
  infer: (inputs, options) => inferPool('maxPool', inputs, options),
  gradient: ({ inputs: [x], outputs: [y], attributes }, [dy]) => [
    dy && makeValue(maximumGradient, [x, y, dy], attributes),
  ],
  write: (node, graph) => graph.add(node, 'MaxPool', graph.refs(node), poolAttributes(node.attributes)),
  run: (node, [x], context) => [runKernel(context, 'MaxPool', { x }, eagerAttributes(node.attributes))],
};

/** Inputs: x, y, dy. */
const maximumGradient: Operation<PoolOptions> = {
  type: 'maxPoolGradient',
  infer: ([x]) => [x],
  write: (node, graph) => graph.add(node, 'MaxPoolGrad', graph.refs(node), poolAttributes(node.attributes)),
  run: (node, [input, output, dy], context) => [
    runKernel(context, 'MaxPoolGrad', { dy, input, output }, eagerAttributes(node.attributes)),
  ],
};

const average: Operation<PoolOptions> = {
  type: 'averagePool',
  infer: (inputs, options) => inferPool('averagePool', inputs, options),
  gradient: ({ inputs: [x], attributes }, [dy]) => [dy && makeValue(averageGradient, [x, dy], attributes)],
  write: (node, graph) => graph.add(node, 'AvgPool', graph.refs(node), poolAttributes(node.attributes)),
  run: (node, [x], context) => [runKernel(context, 'AvgPool', { x }, eagerAttributes(node.attributes))],
};

/** Inputs: x (for its shape), dy. */
const averageGradient: Operation<PoolOptions> = {
  type: 'averagePoolGradient',
  infer: ([x]) => [x],
  write(node, graph) {
    const [x] = node.inputs;
    graph.add(
      node,
      'AvgPoolGrad',
      [graph.ints(x.shape), graph.refs(node)[1]],
      poolAttributes(node.attributes),
    );
  },
  run: (node, [input, dy], context) => [
    runKernel(context, 'AvgPoolGrad', { dy, input }, eagerAttributes(node.attributes)),
  ],
};

function inferPool(type: string, inputs: readonly Value[], { size, stride, padding }: PoolOptions): [Value] {
  requireRanks(type, inputs, [4]);
  const [x] = inputs;
  const [height, width] = [0, 1].map((i) => windowOutput(x.shape[i + 1], size[i], stride[i], padding));
  if (height < 1 || width < 1) throw refuse(type, inputs, 'the window is larger than the image');
  return [{ ...x, shape: [x.shape[0], height, width, x.shape[3]] }];
}

function poolAttributes({ size, stride, padding }: PoolOptions): Record<string, Attribute> {
  return {
    T: { type: 'float32' },
    ksize: { ints: [1, ...size, 1] },
    strides: { ints: [1, ...stride, 1] },
    padding: { text: padding.toUpperCase() },
    data_format: { text: 'NHWC' },
  };
}

function eagerAttributes({ size, stride, padding }: PoolOptions): Record<string, unknown> {
  return { filterSize: [...size], strides: [...stride], pad: padding };
}

/** The largest of each window, [batch, h, w, c] -> [batch, h', w', c]. */
export function maxPool(x: Value, options: PoolOptions): Value {
  return makeValue(maximum, [x], options);
}

/** The mean of each window, [batch, h, w, c] -> [batch, h', w', c]. */
export function averagePool(x: Value, options: PoolOptions): Value {
  return makeValue(average, [x], options);
}
