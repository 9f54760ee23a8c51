import { add } from '../ops/arithmetic';
import { filled } from '../ops/constant';
import { inOrder, type Node, type Value } from '../ops/node';

/**
 * d loss / d each of `targets`, as more nodes of the same graph (reverse mode). `loss` is a scalar; a target that the
 * loss does not depend on gives undefined. Only the nodes between the targets and the loss are gone through.
 */
export function gradients(loss: Value, targets: readonly Value[]): (Value | undefined)[] {
  const order = inOrder([loss.node]);
  const onPath = nodesBelow(order, targets);
  const collected = new Map<Node, (Value | undefined)[]>([[loss.node, [filled(loss.shape, 1)]]]);

  for (const node of order.reverse()) {
    const outputGradients = collected.get(node);
    if (!outputGradients || !onPath.has(node) || !node.operation.gradient) continue;
    const inputGradients = node.operation.gradient(node, outputGradients);
    node.inputs.forEach((input, i) => {
      const gradient = inputGradients[i];
      if (!gradient || !onPath.has(input.node)) return;
      const sums = collected.get(input.node) ?? [];
      const sum = sums[input.index];
      sums[input.index] = sum ? add(sum, gradient) : gradient;
      collected.set(input.node, sums);
    });
  }
  return targets.map((target) => collected.get(target.node)?.[target.index]);
}

/** The nodes through which a gradient can reach one of the targets. */
function nodesBelow(order: readonly Node[], targets: readonly Value[]): Set<Node> {
  const reached = new Set(targets.map((target) => target.node));
  for (const node of order) {
    if (node.inputs.some((input) => reached.has(input.node))) reached.add(node);
  }
  return reached;
}
