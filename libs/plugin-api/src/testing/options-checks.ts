/** What the options of every contribution promise (see ../options.ts): they are the recipe's schema, the documentation and a form. */
import { errorCode } from '@espalier/base';
import { readOptions, type OptionSchema, type OptionsSchema } from '../options';
import { checksOf, wrong, type Check } from './check';

/** As recipes spell their keys. */
const OPTION_NAME = /^[a-z][A-Za-z0-9]*$/;
const TYPES: readonly string[] = ['number', 'integer', 'boolean', 'string'];

export function optionsChecks(of: string, schema: OptionsSchema): Check[] {
  const checks: Check[] = [];
  const add = checksOf(of, checks);
  const options = Object.entries(schema);
  add(
    'describes each option: name, type, range, default, and a sentence for people',
    'For example: power: { type: "number", default: 2, minimum: 0, description: "Exponent of the magnitude." }.',
    () => {
      for (const [name, option] of options) {
        const problem = whatIsWrong(name, option);
        if (problem) wrong(`option "${name}" ${problem}`);
      }
    },
  );
  add(
    'takes its defaults, and refuses an option that it does not have',
    'Give a default that lies within the range and is one of the words.',
    () => {
      readOptions(schema, {}, of);
      for (const [name, option] of options) readOptions(schema, { [name]: option.default }, of);
      const unknown = `${options[0]?.[0] ?? 'option'}X`;
      try {
        readOptions(schema, { [unknown]: 1 }, of);
      } catch (error) {
        if (errorCode(error) === 'PLUGIN_UNKNOWN_OPTION') return;
        throw error;
      }
      wrong(`"${unknown}" was taken`);
    },
  );
  return checks;
}

function whatIsWrong(name: string, option: OptionSchema): string | undefined {
  if (!OPTION_NAME.test(name)) return 'needs a name in camelCase';
  if (!TYPES.includes(option.type)) return `has type "${String(option.type)}"; there are ${TYPES.join(', ')}`;
  if (typeof option.description !== 'string' || option.description.trim() === '') return 'has no description';
  if (option.type === 'string') {
    return option.enum?.length === 0 ? 'has an empty list of words' : undefined;
  }
  if (option.type === 'boolean') return undefined;
  const { minimum, maximum, exclusiveMinimum } = option;
  const lowest = Math.max(minimum ?? -Infinity, exclusiveMinimum ?? -Infinity);
  return lowest > (maximum ?? Infinity) ? `has a range from ${lowest} to ${maximum}` : undefined;
}
