/** The options to try a contribution with: its defaults, and each option at each of its ends by itself. */
import {
  defaultsOf,
  type OptionSchema,
  type OptionsSchema,
  type OptionValue,
  type OptionValues,
} from '../options';

export function optionVariations(schema: OptionsSchema = {}): OptionValues[] {
  const defaults: OptionValues = defaultsOf(schema);
  const others = Object.entries(schema).flatMap(([name, option]) =>
    endsOf(option)
      .filter((value) => value !== option.default)
      .map((value) => ({ ...defaults, [name]: value })),
  );
  return [defaults, ...others];
}

function endsOf(option: OptionSchema): readonly OptionValue[] {
  switch (option.type) {
    case 'boolean':
      return [true, false];
    case 'string':
      return option.enum ?? [];
    default:
      return [option.minimum, option.maximum].filter((bound) => bound !== undefined);
  }
}
