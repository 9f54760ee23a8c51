/** From the text of a recipe to a checked `Recipe`, or to every problem that it has. */
import { errorMessage, suggestion, type EspalierError } from '@espalier/base';
import { checkNetwork, networkByName, NETWORK_NAMES, type NetworkSpec } from '@espalier/models';
import { checkRecipe, type KnownNames } from './check-recipe';
import { recipeError } from './errors';
import { withInherited } from './inherit';
import type { PluginsFacts } from './plugin-references';
import { recipeSchema, type Recipe } from './recipe-schema';
import { readSource, type RecipeSource } from './recipe-source';
import { schemaProblems } from './schema-problems';
import { recipeJsonSchema } from './schema-tree';

export interface ParseOptions {
  /** How the file is called in errors. Default `recipe`. */
  readonly file?: string;
  /** Changes on top of the file, `prune.keep.global=0.05`; the value is YAML; later ones win. */
  readonly sets?: readonly string[];
  /** Names that plugins bring. */
  readonly names?: KnownNames;
  /** What is known of the plugins that the recipe names; without it references to them are taken as they are. */
  readonly plugins?: PluginsFacts;
}

export type CheckedRecipe =
  | { readonly recipe: Recipe; readonly problems: readonly [] }
  | { readonly recipe?: undefined; readonly problems: readonly EspalierError[] };

/**
 * The recipe that `text` describes, every default filled in.
 * @throws RECIPE_INVALID, whose message lists all problems with file, line and column, and whose `cause` is an
 * AggregateError of them
 */
export function parseRecipe(text: string, options: ParseOptions = {}): { readonly recipe: Recipe } {
  const { recipe, problems } = validateRecipe(text, options);
  if (recipe) return { recipe };
  return throwInvalid(options.file ?? 'recipe', problems);
}

/** @throws RECIPE_INVALID with all of `problems` */
export function throwInvalid(file: string, problems: readonly EspalierError[]): never {
  const list = problems.map((problem) => `  ${problem.message}`).join('\n');
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const cause = new AggregateError(problems, 'problems of the recipe');
  throw recipeError('RECIPE_INVALID', { file, count, list }, { cause });
}

/** The same without throwing: the recipe, or its problems in the order of the text. */
export function validateRecipe(text: string, options: ParseOptions = {}): CheckedRecipe {
  const source = readSource(text, options.file ?? 'recipe', options.sets ?? []);
  if (source.problems.length > 0) return { problems: source.problems };

  const written = recipeSchema.safeParse(source.data);
  if (!written.success)
    return { problems: sorted(schemaProblems(written.error.issues, source, recipeJsonSchema())) };

  const checked = recipeSchema.parse(withInherited(source.data as Record<string, unknown>));
  const network = networkOf(checked.network, source);
  if ('problem' in network) return { problems: [network.problem] };

  const recipe: Recipe = { ...checked, network: network.spec };
  const problems = checkRecipe(recipe, source, options);
  return problems.length === 0 ? { recipe, problems: [] } : { problems: sorted(problems) };
}

function networkOf(
  value: unknown,
  source: RecipeSource,
): { readonly spec: NetworkSpec } | { readonly problem: EspalierError } {
  const place = source.place(['network']);
  if (typeof value === 'string' && !NETWORK_NAMES.includes(value)) {
    const hint = suggestion(value, NETWORK_NAMES);
    const details = { path: 'network', what: 'network', name: value, suggestion: hint };
    return { problem: recipeError('RECIPE_UNKNOWN_NAME', { ...place, ...details }) };
  }
  try {
    return { spec: typeof value === 'string' ? networkByName(value) : checkNetwork(value) };
  } catch (cause) {
    return { problem: recipeError('RECIPE_NETWORK', { ...place, problem: errorMessage(cause) }, { cause }) };
  }
}

/** By line and column; what a `--set` said comes last. */
function sorted(problems: readonly EspalierError[]): EspalierError[] {
  const place = ({ details }: EspalierError): [line: number, column: number] =>
    String(details['at']).startsWith('--set')
      ? [Infinity, 0]
      : [Number(details['line']), Number(details['column'])];
  return [...problems].sort((a, b) => {
    const [[lineA, columnA], [lineB, columnB]] = [place(a), place(b)];
    return lineA === lineB ? columnA - columnB : lineA - lineB;
  });
}
