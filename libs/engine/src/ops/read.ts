import { makeValue, type Operation, type Value } from './node';
import type { Variable } from './variable';

const operation: Operation<{ readonly variable: Variable }> = {
  type: 'read',
  infer: (_inputs, { variable }) => [variable],
  write(node, graph) {
    const { variable } = node.attributes;
    graph.add(node, 'ReadVariableOp', [graph.handle(variable)], { dtype: { type: variable.dtype } });
  },
  // A clone: the executor may dispose of the variable's own tensor when it is assigned.
  run: (node, _inputs, context) => [context.read(node.attributes.variable).clone()],
};

/** The content of a variable at the start of the call. One node a variable and program, so that all see the same. */
export function read(variable: Variable): Value {
  return makeValue(operation, [], { variable });
}
