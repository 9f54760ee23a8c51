import { nodesOf, type ProgramFunction } from '../graph/program';
import { applyMomentum } from '../ops/effects';
import { feed } from '../ops/feed';
import { scalar } from '../ops/constant';
import { matMul } from '../ops/mat-mul';
import { read } from '../ops/read';
import { GraphDef } from './graph-def';

/** A product with a weight, and an update of that weight by a gradient that is fed. */
function productAndUpdate(): { step: ProgramFunction; product: ReturnType<typeof matMul> } {
  const variable = { name: 'w', dtype: 'float32', shape: [3, 2] } as const;
  const velocity = { ...variable, name: 'w:momentum' };
  const product = matMul(feed('x', 'float32', [4, 3]), read(variable));
  const update = applyMomentum(
    { variable, velocity },
    { gradient: feed('gradient', 'float32', [3, 2]), learningRate: scalar(0.1), momentum: scalar(0.9) },
  );
  return { step: { name: 'step', fetches: { product }, effects: [update] }, product };
}

describe('an update', () => {
  it('waits for the reads, and for what uses its variable', () => {
    const { step, product } = productAndUpdate();
    const graph = new GraphDef();
    graph.addFunction(nodesOf(step));
    const written = Buffer.from(graph.toMessage().toBytes()).toString('latin1');
    expect(written).toContain(`^${graph.nameOf(product.node)}`);
    expect(written).toContain(`^${graph.nameOf(product.node.inputs[1].node)}`);
  });
});
