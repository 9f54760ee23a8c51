/** `npm run schema -w @espalier/recipe` writes docs/recipe.schema.json; a test checks that it is up to date. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipeJsonSchema } from './schema-tree';

const file = join(__dirname, '..', '..', '..', 'docs', 'recipe.schema.json');
writeFileSync(file, `${JSON.stringify(recipeJsonSchema(), null, 2)}\n`);
