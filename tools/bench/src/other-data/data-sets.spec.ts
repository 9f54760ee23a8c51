import { parseRecipe } from '@espalier/recipe';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../places';
import { dataSets, type OtherData } from './data-sets';

const data: OtherData = {
  name: 'other',
  source: 'somewhere',
  train: { images: '/data/a: b.gz', labels: '/data/train-labels' },
  test: { images: '/data/test-images', labels: '/data/test-labels' },
};

describe('a recipe on other data', () => {
  it.each(['lenet-300-100.yaml', 'lenet-300-100-smallest.yaml'])(
    '%s is the same but for its data',
    (name) => {
      const text = readFileSync(join(ROOT, 'recipes', name), 'utf8');
      const { recipe } = parseRecipe(text);
      const { recipe: other } = parseRecipe(text, { sets: dataSets(data, recipe.data.heldOut) });
      expect(other.data).toEqual({
        format: 'idx',
        train: data.train,
        test: data.test,
        heldOut: recipe.data.heldOut,
      });
      expect({ ...other, data: recipe.data }).toEqual(recipe);
    },
  );
});
