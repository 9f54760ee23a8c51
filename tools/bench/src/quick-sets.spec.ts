import { parseRecipe, retrainEpochsOf, roundsOf, unitRoundsOf } from '@espalier/recipe';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './places';
import { quickSets } from './quick-sets';

const folder = join(ROOT, 'recipes');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== 'frontier.yaml');

describe('a quick run', () => {
  it.each(files)('of %s has every stage, with an epoch each', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const { recipe } = parseRecipe(text);
    const { recipe: quick } = parseRecipe(text, { sets: quickSets(recipe) });
    expect(quick.train?.epochs).toBe(1);
    expect(unitRoundsOf(quick)).toBe(unitRoundsOf(recipe));
    const rounds = roundsOf(quick);
    // One that lists its rounds keeps them.
    expect(rounds).toBeLessThanOrEqual(text.includes('quality:') ? roundsOf(recipe) : 2);
    const epochs = Array.from({ length: rounds }, (_, i) => retrainEpochsOf(quick, i + 1));
    expect(epochs).toEqual(epochs.map(() => 1));
    expect(quick.share?.retrain?.epochs).toBe(recipe.share?.retrain && 1);
  });
});
