import { parseRecipe, type Recipe } from '@espalier/recipe';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stretched, totalEpochs } from './dense-baseline';
import { ROOT } from './places';

function shipped(name: string): Recipe {
  return parseRecipe(readFileSync(join(ROOT, 'recipes', `${name}.yaml`), 'utf8'), { file: name }).recipe;
}

describe('totalEpochs', () => {
  it('adds training, every round and the centroids', () => {
    const recipe = shipped('quick');
    const rounds = recipe.prune?.schedule.rounds ?? 0;
    expect(totalEpochs(recipe)).toBe(2 + rounds + 1);
  });
});

describe('stretched', () => {
  it('keeps the shape of a step schedule', () => {
    const recipe = shipped('lenet-300-100-paper');
    const epochs = 3 * (recipe.train?.epochs ?? 0);
    const before = recipe.train?.learningRate as { everyEpochs: number };
    const after = stretched(recipe, epochs).train?.learningRate as { everyEpochs: number };
    expect(after.everyEpochs).toBeCloseTo(3 * before.everyEpochs);
  });

  it('has nothing but training left', () => {
    expect(stretched(shipped('lenet-5-paper'), 40)).not.toHaveProperty('prune');
  });
});
