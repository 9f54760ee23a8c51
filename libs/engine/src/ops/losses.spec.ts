import { constant } from './constant';
import { expectAllClose, expectClose, expectOperation, runBoth } from '../test-support/check-operation';
import { crossEntropyWith, sparseCrossEntropy } from './cross-entropy';
import { feed } from './feed';
import { smoothLabels, softmax } from './labels';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

const labels = Int32Array.of(2, 0, 1);

describe('losses', () => {
  it('the cross entropy of class numbers has the gradient of finite differences', () =>
    expectOperation([[3, 4]], (logits) => sparseCrossEntropy(logits, constant('int32', [3], labels))));

  it('the cross entropy of a distribution has the gradient of finite differences', () =>
    expectOperation([[3, 4]], (logits) =>
      crossEntropyWith(logits, smoothLabels(constant('int32', [3], labels), 4, 0.1)),
    ));

  it('smoothed labels sum to 1 and spread the smoothing over all classes', async () => {
    const y = smoothLabels(feed('labels', 'int32', [3]), 4, 0.2);
    const { compiled, eager } = await runBoth({ fetches: { y } }, { labels });
    expectAllClose(eager, compiled);
    expectClose(compiled.y, [0.05, 0.05, 0.85, 0.05, 0.85, 0.05, 0.05, 0.05, 0.05, 0.85, 0.05, 0.05]);
  });

  it('softmax is the same compiled and eager', async () => {
    const y = softmax(feed('x', 'float32', [2, 3]));
    const { compiled, eager } = await runBoth(
      { fetches: { y } },
      { x: Float32Array.of(1, 2, 3, 80, -80, 0) },
    );
    expectAllClose(eager, compiled);
    expect(compiled.y[3]).toBeCloseTo(1, 6);
  });

  it('large logits give a finite loss', async () => {
    const y = sparseCrossEntropy(feed('x', 'float32', [1, 2]), constant('int32', [1], Int32Array.of(1)));
    const { compiled, eager } = await runBoth({ fetches: { y } }, { x: Float32Array.of(1000, 0) });
    expect(compiled.y[0]).toBe(1000);
    expect(eager.y[0]).toBe(1000);
  });
});
