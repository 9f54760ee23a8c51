import { gradients } from '../graph/gradients';
import { expectAllClose, expectClose, runBoth, spacedValues } from '../test-support/check-operation';
import { multiply } from './arithmetic';
import { constant } from './constant';
import { feed } from './feed';
import type { Value } from './node';
import { reduceSum } from './reduce-sum';
import { straightThrough } from './straight-through';
import { square } from './unary';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

const CODES = Int32Array.of(0, 1, 2, 2, 2, 0, 1, 3, 4);
const CODEBOOK = Float32Array.of(-1, 2, 3, 4);
const WEIGHTS = spacedValues([3, 3], 99);

/** sum of weights * x^2: its gradient depends on the place and on the value. */
function lossOf(x: Value): Value {
  return reduceSum(multiply(square(x), constant('float32', [3, 3], WEIGHTS)));
}

describe('the straight-through estimator', () => {
  const latent = feed('latent', 'float32', [3, 3]);
  const codebook = feed('codebook', 'float32', [4]);
  const y = straightThrough({ latent, codebook, codes: constant('int32', [3, 3], CODES) });
  const feeds = { latent: spacedValues([3, 3], 1), codebook: CODEBOOK };

  it('gives the centroids, whatever the latent weights are, and exactly +0 for code 0', async () => {
    const { compiled, eager } = await runBoth({ fetches: { y } }, feeds);
    expect([...compiled.y]).toEqual([0, -1, 2, 2, 2, 0, -1, 3, 4]);
    expect([...eager.y]).toEqual([...compiled.y]);
    expect(Object.is(compiled.y[0], 0)).toBe(true);
  });

  it('gives each latent weight the finite difference of the loss over its quantised value, a removed one 0', async () => {
    const [gradient] = gradients(lossOf(y), [latent]) as Value[];
    const { compiled, eager } = await runBoth({ fetches: { gradient } }, feeds);
    expectAllClose(eager, compiled);
    const used = feed('used', 'float32', [3, 3]);
    const quantised = Float32Array.from(CODES, (code) => (code === 0 ? 0 : CODEBOOK[code - 1]));
    const step = 2 ** -6;
    for (const [i, code] of CODES.entries()) {
      const at = async (delta: number): Promise<number> => {
        const moved = quantised.slice();
        moved[i] += delta;
        return (await runBoth({ fetches: { loss: lossOf(used) } }, { used: moved })).compiled.loss[0];
      };
      const difference = ((await at(step)) - (await at(-step))) / (2 * step);
      expectClose([compiled.gradient[i]], [code === 0 ? 0 : difference], { relative: 2e-3, absolute: 2e-3 });
    }
  });

  it('gives the codebook none', () => {
    expect(gradients(lossOf(y), [codebook])).toEqual([undefined]);
  });

  it('refuses latent weights of another shape', () => {
    const codes = constant('int32', [3, 3], CODES);
    const wrong = feed('wrong', 'float32', [9]);
    expect(() => straightThrough({ latent: wrong, codebook, codes })).toThrow('ENGINE_GRAPH');
  });
});
