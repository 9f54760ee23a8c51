import { expectAllClose, runBoth, spacedValues } from '../test-support/check-operation';
import { add } from './arithmetic';
import { scalar } from './constant';
import { applyAdam, applyMomentum, assign } from './effects';
import { feed } from './feed';
import { read } from './read';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

const shape = [2, 3];
const variable = (name: string) => ({ name, dtype: 'float32', shape }) as const;
const [w, m, v] = ['w', 'm', 'v'].map(variable);
const start = [
  [w, spacedValues(shape, 1)],
  [m, spacedValues(shape, 2)],
  [v, spacedValues(shape, 3).map(Math.abs)],
] as const;
const gradient = feed('gradient', 'float32', shape);
const feeds = { gradient: spacedValues(shape, 4) };

describe('effects', () => {
  it('momentum is the same compiled and eager, and follows its formula', async () => {
    const effect = applyMomentum(
      { variable: w, velocity: m },
      { gradient, learningRate: scalar(0.1), momentum: scalar(0.9) },
    );
    const { compiled, eager } = await runBoth(
      { fetches: { w: read(w) }, effects: [effect], variables: start },
      feeds,
    );
    expectAllClose(eager, compiled);
    const velocity = 0.9 * start[1][1][0] + feeds.gradient[0];
    expect(compiled['variable m'][0]).toBeCloseTo(velocity, 6);
    expect(compiled['variable w'][0]).toBeCloseTo(start[0][1][0] - 0.1 * velocity, 6);
  });

  it('Adam is the same compiled and eager', async () => {
    const [learningRate, beta1, beta2, epsilon, beta1Power, beta2Power] = [
      0.01, 0.9, 0.999, 1e-7, 0.81, 0.998,
    ].map(scalar);
    const effect = applyAdam(
      { variable: w, firstMoment: m, secondMoment: v },
      { gradient, learningRate, beta1, beta2, epsilon, beta1Power, beta2Power },
    );
    const { compiled, eager } = await runBoth(
      { fetches: { w: read(w) }, effects: [effect], variables: start },
      feeds,
    );
    expectAllClose(eager, compiled);
    expect([...compiled['variable v']]).not.toEqual([...start[2][1]]);
  });

  it('what a call gives back is the state before its effects', async () => {
    const before = read(w);
    const { compiled, eager } = await runBoth({
      fetches: { before },
      effects: [assign(w, add(before, scalar(1)))],
      variables: [[w, new Float32Array(6)]],
    });
    for (const result of [compiled, eager]) {
      expect([...result.before]).toEqual([0, 0, 0, 0, 0, 0]);
      expect([...result['variable w']]).toEqual([1, 1, 1, 1, 1, 1]);
    }
  });

  it('training does not write into the array that a variable was set from', async () => {
    const own = new Float32Array(6);
    await runBoth({
      fetches: { before: read(w) },
      effects: [
        applyMomentum(
          { variable: w, velocity: m },
          { gradient: scalar6(), learningRate: scalar(1), momentum: scalar(0) },
        ),
      ],
      variables: [
        [w, own],
        [m, new Float32Array(6)],
      ],
    });
    expect([...own]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

function scalar6() {
  return add(read(m), scalar(1));
}
