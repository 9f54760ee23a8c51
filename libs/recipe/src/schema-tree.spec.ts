import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseRecipe, validateRecipe } from './parse-recipe';
import { parseSweep } from './parse-sweep';
import { recipeJsonSchema } from './schema-tree';

const root = join(__dirname, '..', '..', '..');
/** No recipe, but variations of some. */
const SWEEP = 'frontier.yaml';

describe('docs/recipe.schema.json', () => {
  it('is what the schema says today (npm run schema -w @espalier/recipe writes it)', () => {
    const written: unknown = JSON.parse(readFileSync(join(root, 'docs', 'recipe.schema.json'), 'utf8'));
    expect(written).toEqual(JSON.parse(JSON.stringify(recipeJsonSchema())));
  });
});

describe('the recipes that come with the program', () => {
  const files = readdirSync(join(root, 'recipes')).filter((file) => file.endsWith('.yaml') && file !== SWEEP);

  it('are there', () => {
    expect(files).toEqual(expect.arrayContaining(['lenet-300-100.yaml', 'lenet-5.yaml', 'quick.yaml']));
  });

  it.each(files)('%s has no problems, and is called as its file', (file) => {
    const { recipe } = parseRecipe(readFileSync(join(root, 'recipes', file), 'utf8'), {
      file: `recipes/${file}`,
    });
    expect(`${recipe.name}.yaml`).toBe(file);
  });

  it('have a sweep, none of whose points has a problem', () => {
    const read = (file: string): string => readFileSync(join(root, 'recipes', file), 'utf8');
    const { networks } = parseSweep(read(SWEEP), { file: `recipes/${SWEEP}`, readRecipe: read });
    expect(networks.map(({ network }) => network)).toEqual(['lenet-300-100', 'lenet-5']);
  });
});

describe('the README', () => {
  it('shows no key or value that the schema does not know', () => {
    const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
    const [, block] = /```yaml\n([\s\S]*?)```/.exec(readme) as RegExpExecArray;
    // It shows alternatives beside each other, so there are contradictions; but nothing else.
    const codes = validateRecipe(block).problems.map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set(['RECIPE_CONFLICT', 'RECIPE_LAYER_PATTERN']));
  });
});
