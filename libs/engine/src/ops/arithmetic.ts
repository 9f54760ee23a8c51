/** Element by element, with broadcasting: a + b, a - b, a * b. */
import type { EagerTensor } from './eager-context';
import { scalar } from './constant';
import { makeValue, type Operation, type Value } from './node';
import { sumTo } from './reduce-sum';
import { broadcastShape } from './shape-rules';

type Gradients = (a: Value, b: Value, dy: Value) => readonly [Value, Value];

function binary(
  type: string,
  tensorflowOp: string,
  compute: (a: EagerTensor, b: EagerTensor) => EagerTensor,
  gradients: Gradients,
): Operation<null> {
  return {
    type,
    infer: ([a, b]) => [{ dtype: a.dtype, shape: broadcastShape(type, a, b) }],
    gradient({ inputs: [a, b] }, [dy]) {
      if (!dy) return [undefined, undefined];
      const [da, db] = gradients(a, b, dy);
      return [sumTo(da, a.shape), sumTo(db, b.shape)];
    },
    write(node, graph) {
      graph.add(node, tensorflowOp, graph.refs(node), { T: { type: node.outputs[0].dtype } });
    },
    run: (_node, [a, b]) => [compute(a, b)],
  };
}

const addition = binary(
  'add',
  'AddV2',
  (a, b) => a.add(b),
  (_a, _b, dy) => [dy, dy],
);
const subtraction = binary(
  'subtract',
  'Sub',
  (a, b) => a.sub(b),
  (_a, _b, dy) => [dy, multiply(dy, scalar(-1))],
);
const multiplication = binary(
  'multiply',
  'Mul',
  (a, b) => a.mul(b),
  (a, b, dy) => [multiply(dy, b), multiply(dy, a)],
);

export function add(a: Value, b: Value): Value {
  return makeValue(addition, [a, b], null);
}

export function subtract(a: Value, b: Value): Value {
  return makeValue(subtraction, [a, b], null);
}

export function multiply(a: Value, b: Value): Value {
  return makeValue(multiplication, [a, b], null);
}
