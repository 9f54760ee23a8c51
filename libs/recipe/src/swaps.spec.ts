import { parseRecipe } from './parse-recipe';
import { criterionOfRound, swapsWithin, withFallback, withSwap } from './swaps';

const recipe = (prune: string) =>
  parseRecipe(`version: 1
name: swapped
network: lenet-300-100
train: { epochs: 1, learningRate: { kind: constant, base: 0.001 } }
retrain: { epochs: 1, learningRate: { kind: constant, base: 0.001 } }
prune: { keep: { global: 0.1 }, schedule: { kind: linear, rounds: 4 }, ${prune} }
`).recipe;
const named = (name: string) => ({ name, options: {} });
const names = (of: ReturnType<typeof recipe>) =>
  [1, 2, 3, 4].map((round) => criterionOfRound(of, round)?.name);

describe('criterionOfRound', () => {
  it('is that of the last swap up to the round', () => {
    const swapped = recipe(
      'swaps: [{ round: 2, criterion: taylor }, { round: 4, criterion: { name: magnitude } }]',
    );
    expect(names(swapped)).toEqual(['magnitude', 'taylor', 'taylor', 'magnitude']);
    expect(names(recipe(''))).toEqual(Array(4).fill('magnitude'));
  });
});

describe('withSwap', () => {
  it('adds a change in its place, in that of one for the same round', () => {
    const once = withSwap(recipe('swaps: [{ round: 4, criterion: random }]'), {
      round: 2,
      criterion: named('taylor'),
    });
    expect(names(once)).toEqual(['magnitude', 'taylor', 'taylor', 'random']);
    const again = withSwap(once, { round: 2, criterion: named('random') });
    expect(names(again)).toEqual(['magnitude', 'random', 'random', 'random']);
    expect(again.prune?.swaps).toHaveLength(2);
  });

  it('brings the pins of its plugins along', () => {
    const entry = { from: '/mine', version: '1.0.0', digest: 'a'.repeat(64), needs: { best: ['weights'] } };
    const swapped = withSwap(recipe(''), {
      round: 2,
      criterion: named('mine/best'),
      plugins: { mine: entry },
    });
    expect(swapped.plugins).toEqual({ mine: entry });
  });

  it('keeps changes inside a retraining apart', () => {
    const swapped = withSwap(recipe(''), { round: 1, fromStep: 30, criterion: named('taylor') });
    expect(names(swapped)).toEqual(Array(4).fill('magnitude'));
    expect(swapsWithin(swapped, 1).map(({ fromStep }) => fromStep)).toEqual([30]);
    expect(swapsWithin(swapped, 2)).toEqual([]);
  });
});

describe('withFallback', () => {
  it('changes one round, and goes back after it', () => {
    expect(names(withFallback(recipe('criterion: taylor'), 2, named('random')))).toEqual([
      'taylor',
      'random',
      'taylor',
      'taylor',
    ]);
    expect(withFallback(recipe(''), 4, named('random')).prune?.swaps).toHaveLength(1);
  });
});

it('refuses swaps that could not take effect', () => {
  const problems = (prune: string): string => {
    try {
      recipe(prune);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(problems('swaps: [{ round: 5, criterion: taylor }]')).toContain(
    'the swap is for round 5, but prune.schedule.rounds is 4',
  );
  expect(problems('swaps: [{ round: 2, fromStep: 10, criterion: taylor }]')).toContain(
    '"fromStep" goes with "prune.during"',
  );
  expect(problems('swaps: [{ round: 2, criterion: taylor }, { round: 2, criterion: random }]')).toContain(
    'two swaps are for round 2',
  );
  expect(problems('swaps: [{ round: 3, criterion: taylor }, { round: 2, criterion: random }]')).toContain(
    'in the order in which they take effect',
  );
  expect(problems('swaps: [{ round: 2, criterion: tailor }]')).toContain(
    '"prune.swaps.0.criterion" is "tailor", but there is no such criterion; did you mean "taylor"?',
  );
});
