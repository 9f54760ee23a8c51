import { gradients } from '../graph/gradients';
import { expectAllClose, expectClose, runBoth, spacedValues } from '../test-support/check-operation';
import { add, multiply } from './arithmetic';
import { behindMask } from './behind-mask';
import { constant } from './constant';
import { feed } from './feed';
import type { Value } from './node';
import { reduceSum } from './reduce-sum';
import { square } from './unary';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

const MASK = Float32Array.of(1, 0, 1, 1, 0, 0);
const WEIGHTS = spacedValues([2, 3], 99);
const LATENT = spacedValues([2, 3], 1);

/** sum of weights * (x + 1)^2: its gradient depends on the place and on the value, and is not 0 at 0. */
function lossOf(x: Value): Value {
  const moved = square(add(x, constant('float32', [2, 3], new Float32Array(6).fill(1))));
  return reduceSum(multiply(moved, constant('float32', [2, 3], WEIGHTS)));
}

describe('weights behind a mask', () => {
  const latent = feed('latent', 'float32', [2, 3]);
  const mask = feed('mask', 'float32', [2, 3]);
  const y = behindMask(latent, mask);
  const feeds = { latent: LATENT, mask: MASK };

  it('count where the mask keeps them, and are 0 elsewhere', async () => {
    const { compiled, eager } = await runBoth({ fetches: { y } }, feeds);
    expect([...compiled.y]).toEqual(Array.from(LATENT, (value, i) => (MASK[i] === 1 ? value : value * 0)));
    expect([...eager.y]).toEqual([...compiled.y]);
  });

  it('each get the finite difference of the loss over what is used of them, removed ones too', async () => {
    const [gradient] = gradients(lossOf(y), [latent]) as Value[];
    const { compiled, eager } = await runBoth({ fetches: { gradient } }, feeds);
    expectAllClose(eager, compiled);
    const used = feed('used', 'float32', [2, 3]);
    const step = 2 ** -6;
    for (let i = 0; i < LATENT.length; i++) {
      const at = async (delta: number): Promise<number> => {
        const moved = LATENT.map((value, k) => value * MASK[k] + (k === i ? delta : 0));
        return (await runBoth({ fetches: { loss: lossOf(used) } }, { used: moved })).compiled.loss[0];
      };
      const difference = ((await at(step)) - (await at(-step))) / (2 * step);
      expectClose([compiled.gradient[i]], [difference], { relative: 2e-3, absolute: 2e-3 });
    }
  });

  it('give the mask no gradient', () => {
    expect(gradients(lossOf(y), [mask])).toEqual([undefined]);
  });

  it('refuse a mask of another shape', () => {
    expect(() => behindMask(latent, feed('wrong', 'float32', [3]))).toThrow('ENGINE_GRAPH');
  });
});
