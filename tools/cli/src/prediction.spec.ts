import { Random } from '@espalier/base';
import { parseRecipe } from '@espalier/recipe';
import { entropy, keptByQualities, normalTail, predict } from './prediction';

const HEAD = 'version: 1\nname: t\nnetwork: lenet-300-100\n';
const TRAIN = 'train: {epochs: 1, learningRate: {kind: constant, base: 0.001}}\n';
const RETRAIN = 'retrain: {epochs: 2, learningRate: {kind: constant, base: 0.001}}\n';

function recipe(rest: string) {
  return parseRecipe(HEAD + TRAIN + rest).recipe;
}

describe('keptByQualities', () => {
  it('agrees with cutting a large normal sample round by round', () => {
    const random = new Random(7);
    const sample = Array.from({ length: 200_000 }, () => random.normal());
    let left = sample;
    const qualities = [0.7, 0.75, 0.85];
    for (const quality of qualities) {
      const std = Math.sqrt(left.reduce((sum, w) => sum + w * w, 0) / left.length);
      left = left.filter((w) => Math.abs(w) >= quality * std);
    }
    expect(keptByQualities(qualities)).toBeCloseTo(left.length / sample.length, 2);
  });
});

describe('prediction', () => {
  it('keeps everything at 32 bits when nothing is pruned or shared', () => {
    const { layers, rounds, denseBytes, artifactBytes } = predict(recipe(''));
    expect(layers.map(({ weights, keptShare, bits, rule }) => [weights, keptShare, bits, rule])).toEqual([
      [235200, 1, 32, 'not pruned'],
      [30000, 1, 32, 'not pruned'],
      [1000, 1, 32, 'not pruned'],
    ]);
    expect(rounds).toEqual([]);
    expect(denseBytes).toBe(1_066_440);
    expect(Math.abs(artifactBytes - denseBytes)).toBeLessThan(1000);
  });

  it('says what measuring the curves takes, where the recipe asks for them', () => {
    const pruned = (more: string) => predict(recipe(`prune: {keep: {global: 0.1}${more}}\n`));
    expect(pruned('')).not.toHaveProperty('sensitivity');
    const asked = ', sensitivity: {keep: [0.5, 0.1], retrainSteps: 20}';
    expect(pruned(asked).sensitivity).toEqual({ points: 6, steps: 120 });
  });

  it('follows the schedule over the rounds down to the share that the recipe asks for', () => {
    const text = 'prune: {keep: {global: 0.04}, schedule: {kind: linear, rounds: 4}}\n' + RETRAIN;
    const { rounds } = predict(recipe(text));
    const shares = rounds.map(({ keptShares }) => Object.values(keptShares)[0]);
    expect(shares.map((share) => share.toFixed(2))).toEqual(['0.76', '0.52', '0.28', '0.04']);
    expect(rounds.map(({ epochs }) => epochs)).toEqual([2, 2, 2, 2]);
  });

  it('expects a file a hundred times smaller at 2.2 % kept and 3 bits', () => {
    const text = 'prune: {keep: {global: 0.022}}\nshare: {bits: 3}\n' + RETRAIN;
    const { denseBytes, artifactBytes } = predict(recipe(text));
    expect(denseBytes / artifactBytes).toBeGreaterThan(100);
    expect(denseBytes / artifactBytes).toBeLessThan(200);
  });

  it('knows the network that rounds of units leave, and that a mask lies between its units only', () => {
    const units =
      'units: { keep: [{ fc1: 60 }, { fc1: 30, fc2: 20 }], retrain: {epochs: 1, learningRate: {kind: constant, base: 0.001}} }';
    const text = (extra: string) => `prune: {keep: {global: 0.022}, ${extra}}\nshare: {bits: 3}\n${RETRAIN}`;
    const [small, whole] = [predict(recipe(text(units))), predict(recipe(text('')))];
    expect(small.units).toEqual([
      { name: 'fc1', units: [300, 60, 30] },
      { name: 'fc2', units: [100, 20] },
    ]);
    expect(small.layers.map(({ weightsLeft }) => weightsLeft)).toEqual([784 * 30, 600, 200]);
    expect(whole.units).toEqual([]);
    expect(small.denseBytes).toBe(whole.denseBytes);
    expect(small.artifactBytes).toBeLessThan(0.8 * whole.artifactBytes);
  });

  it('counts the share beyond a number of standard deviations', () => {
    expect(normalTail(0)).toBeCloseTo(1, 6);
    expect(normalTail(1)).toBeCloseTo(0.317311, 6);
    expect(normalTail(1.96)).toBeCloseTo(0.049996, 6);
  });

  it('counts a mask by its entropy', () => {
    expect([entropy(0), entropy(0.5), entropy(1)]).toEqual([0, 1, 0]);
    expect(entropy(0.022)).toBeCloseTo(0.1525, 3);
  });
});
