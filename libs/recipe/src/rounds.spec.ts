import { parseRecipe } from './parse-recipe';
import {
  levelsOf,
  qualityOf,
  quantizeBitsOf,
  retrainEpochsBefore,
  retrainEpochsOf,
  roundsOf,
} from './rounds';

const head = 'version: 1\nname: r\nnetwork: lenet-5\ninit: { from: w }\n';
const conv1 = { name: 'conv1', type: 'conv2d' };
const fc1 = { name: 'fc1', type: 'dense' };
const { recipe } = parseRecipe(`${head}
prune: { quality: { conv1: [0.1, 0.2, 0.3], dense: 2 }, schedule: { rounds: 3 } }
retrain: { epochs: { perRound: 2, last: 5 }, learningRate: { kind: constant, base: 0.1 } }
share: { bits: { fc1: 3 } }
`);

describe('rounds', () => {
  it('have their epochs, the last its own', () => {
    expect(roundsOf(recipe)).toBe(3);
    expect([1, 2, 3].map((round) => retrainEpochsOf(recipe, round))).toEqual([2, 2, 5]);
    expect([1, 2, 3].map((round) => retrainEpochsBefore(recipe, round))).toEqual([0, 2, 4]);
  });

  it('have a quality from a list, or along the schedule', () => {
    expect(qualityOf(recipe, conv1, { round: 2, completion: 0.5 })).toBe(0.2);
    expect(qualityOf(recipe, fc1, { round: 2, completion: 0.5 })).toBe(1);
    expect(
      qualityOf(recipe, { name: 'conv2', type: 'conv2d' }, { round: 2, completion: 0.5 }),
    ).toBeUndefined();
  });
});

describe('codebooks', () => {
  it('have 2^bits levels, or the number that is given', () => {
    expect(levelsOf(recipe, fc1)).toBe(8);
    expect(levelsOf(recipe, conv1)).toBeUndefined();
    expect(levelsOf(parseRecipe(`${head}share: { levels: 7 }\n`).recipe, conv1)).toBe(7);
    expect(quantizeBitsOf(parseRecipe(`${head}quantize: { bits: { conv2d: 6 } }\n`).recipe, conv1)).toBe(6);
    expect(quantizeBitsOf(recipe, conv1)).toBeUndefined();
  });
});
