/** Element by element: x^2, 1 / sqrt(x), |x|, sign x. */
import type { EagerTensor } from './eager-context';
import { scalar } from './constant';
import { multiply } from './arithmetic';
import { makeValue, type Operation, type Value } from './node';

function unary(
  type: string,
  tensorflowOp: string,
  compute: (x: EagerTensor) => EagerTensor,
  gradient: (x: Value, y: Value, dy: Value) => Value | undefined,
): Operation<null> {
  return {
    type,
    infer: ([x]) => [x],
    gradient: ({ inputs: [x], outputs: [y] }, [dy]) => [dy && gradient(x, y, dy)],
    write(node, graph) {
      graph.add(node, tensorflowOp, graph.refs(node), { T: { type: node.outputs[0].dtype } });
    },
    run: (_node, [x]) => [compute(x)],
  };
}

const squareOperation = unary(
  'square',
  'Square',
  (x) => x.square(),
  (x, _y, dy) => multiply(dy, multiply(x, scalar(2))),
);
// d x^-1/2 = -1/2 x^-3/2 = -1/2 y^3
const rsqrtOperation = unary(
  'rsqrt',
  'Rsqrt',
  (x) => x.rsqrt(),
  (_x, y, dy) => multiply(dy, multiply(multiply(y, square(y)), scalar(-0.5))),
);
const absOperation = unary(
  'abs',
  'Abs',
  (x) => x.abs(),
  (x, _y, dy) => multiply(dy, sign(x)),
);
const signOperation = unary(
  'sign',
  'Sign',
  (x) => x.sign(),
  () => undefined,
);

export function square(x: Value): Value {
  return makeValue(squareOperation, [x], null);
}

export function rsqrt(x: Value): Value {
  return makeValue(rsqrtOperation, [x], null);
}

export function abs(x: Value): Value {
  return makeValue(absOperation, [x], null);
}

/** -1, 0 or 1; no gradient. */
export function sign(x: Value): Value {
  return makeValue(signOperation, [x], null);
}
