/** From the text of a sweep to the recipe of each of its points, or to every problem that they have. */
import type { EspalierError } from '@espalier/base';
import { z } from 'zod';
import { recipeError } from './errors';
import { throwInvalid, validateRecipe } from './parse-recipe';
import type { Recipe } from './recipe-schema';
import { readSource, type Path, type RecipeSource } from './recipe-source';
import { schemaProblems } from './schema-problems';
import type { JsonSchema } from './schema-tree';
import { sweepSchema } from './sweep-schema';

export interface SweepPoint {
  readonly name: string;
  /** The file that it varies, as the sweep names it. */
  readonly file: string;
  /** `prune.keep.global=0.05`, on top of the file. */
  readonly sets: readonly string[];
  readonly recipe: Recipe;
}

export interface SweepNetwork {
  readonly title: string;
  /** The name of the network that all points are about. */
  readonly network: string;
  readonly points: readonly SweepPoint[];
}

export interface Sweep {
  readonly name: string;
  readonly seeds: readonly number[];
  readonly networks: readonly SweepNetwork[];
}

export interface SweepOptions {
  /** How the file is called in errors. */
  readonly file: string;
  /** The text of a recipe, by its path from the sweep's folder. What it throws is a problem of the sweep. */
  readRecipe(file: string): string;
}

/** @throws RECIPE_INVALID, which lists all problems: of the sweep by line and column, of a point's recipe with its name */
export function parseSweep(text: string, { file, readRecipe }: SweepOptions): Sweep {
  const source = readSource(text, file, []);
  if (source.problems.length > 0) throwInvalid(file, source.problems);
  const written = sweepSchema.safeParse(source.data);
  if (!written.success) {
    const schema = z.toJSONSchema(sweepSchema, { io: 'input' }) as unknown as JsonSchema;
    throwInvalid(file, schemaProblems(written.error.issues, source, schema));
  }
  const problems: EspalierError[] = [];
  const { name, seeds, networks } = written.data;
  const checked = networks.map(({ title, recipe, points }, n): SweepNetwork => {
    const parsed = points.flatMap((point, p): SweepPoint[] => {
      const path = ['networks', n, 'points', p];
      const problem = pointProblem(source, path, point.name);
      if (points.findIndex((other) => other.name === point.name) < p) {
        problems.push(problem('the name is taken'));
      }
      const of = point.recipe ?? recipe;
      const sets = Object.entries(point.set).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      const result = recipeOf(of, sets, readRecipe);
      problems.push(...result.problems.map(problem));
      return result.recipe ? [{ name: point.name, file: of, sets, recipe: result.recipe }] : [];
    });
    const network = parsed[0]?.recipe.network.name ?? '';
    const other = parsed.find((point) => point.recipe.network.name !== network);
    if (other) {
      const path = ['networks', n, 'points', points.findIndex((point) => point.name === other.name)];
      const text = `its network is "${other.recipe.network.name}", that of "${parsed[0].name}" is "${network}"`;
      problems.push(pointProblem(source, path, other.name)(text));
    }
    return { title, network, points: parsed };
  });
  if (problems.length > 0) throwInvalid(file, problems);
  return { name, seeds, networks: checked };
}

function pointProblem(source: RecipeSource, path: Path, point: string): (problem: string) => EspalierError {
  return (problem) => recipeError('RECIPE_SWEEP_POINT', { ...source.place(path), point, problem });
}

function recipeOf(
  file: string,
  sets: readonly string[],
  readRecipe: SweepOptions['readRecipe'],
): { readonly recipe?: Recipe; readonly problems: readonly string[] } {
  let text: string;
  try {
    text = readRecipe(file);
  } catch (cause) {
    return { problems: [`${file} cannot be read: ${(cause as Error).message}`] };
  }
  const { recipe, problems } = validateRecipe(text, { file, sets });
  return recipe ? { recipe, problems: [] } : { problems: problems.map(({ message }) => message) };
}
