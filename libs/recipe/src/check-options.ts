/** Do the options of a reference fit what the contribution takes? Each problem with its place. */
import { errorCode, suggestion, type EspalierError } from '@espalier/base';
import { readOptions, type OptionsSchema } from '@espalier/plugin-api';
import { recipeError } from './errors';
import type { Path, RecipeSource } from './recipe-source';

export function unfitOptions(
  schema: OptionsSchema,
  options: Readonly<Record<string, unknown>>,
  { of, path, source }: { readonly of: string; readonly path: Path; readonly source: RecipeSource },
): EspalierError[] {
  return Object.entries(options).flatMap(([key, value]) => {
    const place = source.place([...path, key]);
    try {
      readOptions(schema, { [key]: value }, of);
      return [];
    } catch (error) {
      if (errorCode(error) === 'PLUGIN_UNKNOWN_OPTION') {
        const near = suggestion(key, Object.keys(schema));
        const at = source.place([...path, key], true);
        return [recipeError('RECIPE_UNKNOWN_KEY', { ...at, where: of, key, suggestion: near })];
      }
      if (errorCode(error) !== 'PLUGIN_OPTION') throw error;
      const { expected, actual } = (error as EspalierError).details as Record<'expected' | 'actual', string>;
      return [recipeError('RECIPE_VALUE', { ...place, path: [...path, key].join('.'), expected, actual })];
    }
  });
}
