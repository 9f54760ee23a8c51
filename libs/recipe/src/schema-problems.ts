/** What zod found, as errors that name the place, what was expected, what came, and the nearest known name. */
import { suggestion, type EspalierError } from '@espalier/base';
import type { z } from 'zod';
import { recipeError } from './errors';
import { RECIPE_VERSION } from './recipe-schema';
import type { Path, RecipeSource } from './recipe-source';
import { describeAt, keysAt, type JsonSchema } from './schema-tree';

type Issue = z.core.$ZodIssue;

export function schemaProblems(
  issues: readonly Issue[],
  source: RecipeSource,
  schema: JsonSchema,
): EspalierError[] {
  return issues.flatMap((issue) => flatten(issue, [])).flatMap((issue) => problemsOf(issue, source, schema));
}

/** An issue of a union becomes the issues of the branch that was most likely meant. */
function flatten(issue: Issue, before: Path): Issue[] {
  const path = [...before, ...(issue.path as Path)];
  const here = { ...issue, path: path as PropertyKey[] } as Issue;
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [here];
  // A branch that wants another type altogether was not meant, if there is one that does not.
  const meant = issue.errors.filter(
    (branch) => !branch.some((inner) => inner.path.length === 0 && isTypeIssue(inner)),
  );
  if (meant.length === 0) return [here];
  const unknownKeys = (branch: readonly Issue[]): number =>
    branch.reduce((sum, inner) => sum + (inner.code === 'unrecognized_keys' ? inner.keys.length : 0), 0);
  const fewest = Math.min(...meant.map(unknownKeys));
  const likely = meant.filter((branch) => unknownKeys(branch) === fewest);
  if (likely.length > 1 && fewest > 0) {
    // No branch is nearer: the unknown keys alone say what is wrong.
    return likely[0]
      .filter(({ code }) => code === 'unrecognized_keys')
      .flatMap((inner) => flatten(inner, path));
  }
  return likely[0].flatMap((inner) => flatten(inner, path));
}

function isTypeIssue(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function problemsOf(issue: Issue, source: RecipeSource, schema: JsonSchema): EspalierError[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, source.data, path);
    const where = path.length === 0 ? 'a recipe' : `"${pathText(path)}"`;
    return issue.keys.map((key) =>
      recipeError('RECIPE_UNKNOWN_KEY', {
        ...source.place([...path, key], true),
        where,
        key,
        suggestion: suggestion(key, known),
      }),
    );
  }
  const value = valueAt(source.data, path);
  const actual = show(value);
  if (path.length === 1 && path[0] === 'version' && typeof value === 'number' && value > RECIPE_VERSION) {
    return [recipeError('RECIPE_VERSION', { ...source.place(path), expected: RECIPE_VERSION, actual })];
  }
  const common = { ...source.place(path), path: pathText(path) || 'the recipe' };
  if (value === undefined) {
    return [recipeError('RECIPE_MISSING', { ...common, expected: describeAt(schema, source.data, path) })];
  }
  if (issue.code === 'invalid_union' && 'options' in issue && typeof value === 'string') {
    const options = (issue as { options?: readonly unknown[] }).options?.map(String) ?? [];
    const what = String(path.at(-1));
    return [
      recipeError('RECIPE_UNKNOWN_NAME', {
        ...common,
        name: value,
        what,
        suggestion: suggestion(value, options),
      }),
    ];
  }
  if (issue.code === 'invalid_format') {
    return [recipeError('RECIPE_VALUE', { ...common, expected: `a text of ${issue.message}`, actual })];
  }
  if (issue.code === 'too_small' && (issue.origin === 'array' || issue.origin === 'string')) {
    return [recipeError('RECIPE_VALUE', { ...common, expected: `at least ${issue.minimum} long`, actual })];
  }
  const code = isTypeIssue(issue) || issue.code === 'invalid_union' ? 'RECIPE_TYPE' : 'RECIPE_VALUE';
  return [recipeError(code, { ...common, expected: describeAt(schema, source.data, path), actual })];
}

/** `prune.keep.layers.fc1`. */
export function pathText(path: Path): string {
  return path.join('.');
}

export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    data,
  );
}

/** What came, short enough for a sentence. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
