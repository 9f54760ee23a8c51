import { defineErrors, type ErrorTable } from '@espalier/base';

/** `{at}` is where it stands: `recipes/mine.yaml:12:3`, or the `--set` that said it. */
export const recipeErrorTable = {
  RECIPE_INVALID: { message: '{file} has {count}:\n{list}' },
  RECIPE_SYNTAX: { message: '{at}: this is not a YAML document: {problem}.' },
  RECIPE_SET: { message: '--set "{text}" cannot be used: {problem}; write --set key.key=value.' },
  RECIPE_VERSION: {
    message:
      '{at}: the recipe has version {actual}, but this program reads version {expected}; use a newer program.',
  },
  RECIPE_UNKNOWN_KEY: { message: '{at}: {where} has no key "{key}"; {suggestion}' },
  RECIPE_MISSING: { message: '{at}: "{path}" is missing; it should be {expected}.' },
  RECIPE_TYPE: { message: '{at}: "{path}" should be {expected}, but is {actual}.' },
  RECIPE_VALUE: { message: '{at}: "{path}" should be {expected}, but is {actual}.' },
  RECIPE_UNKNOWN_NAME: { message: '{at}: "{path}" is "{name}", but there is no such {what}; {suggestion}' },
  RECIPE_LAYER_PATTERN: {
    message: '{at}: "{pattern}" in "{path}" matches no {what} layer of the network "{network}"; {suggestion}',
  },
  RECIPE_NETWORK: { message: '{at}: the network cannot be built: {problem}' },
  RECIPE_CONFLICT: { message: '{at}: {problem}.' },
  RECIPE_SWEEP_POINT: { message: '{at}: point "{point}": {problem}' },
  RECIPE_INPUT_CHANGED: {
    message:
      'the recipe was resolved with {what} {expected}, but now it is {actual}; bring back the old one, or remove the "resolved" section.',
  },
} as const satisfies ErrorTable;

export const recipeError = defineErrors(recipeErrorTable);
