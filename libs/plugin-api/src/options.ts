/**
 * Options of a contribution, described once: the same description checks a recipe, documents the option and draws its field
 * in a form.
 */
import { suggestion } from '@espalier/base';
import { pluginError } from './errors';

interface Described {
  /** One sentence for people, with the unit. */
  readonly description: string;
}

export interface NumberOption extends Described {
  readonly type: 'number' | 'integer';
  readonly default: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Must be greater than this. */
  readonly exclusiveMinimum?: number;
}

export interface BooleanOption extends Described {
  readonly type: 'boolean';
  readonly default: boolean;
}

export interface StringOption extends Described {
  readonly type: 'string';
  readonly default: string;
  /** The words that it may be; absent: any. */
  readonly enum?: readonly string[];
}

export type OptionSchema = NumberOption | BooleanOption | StringOption;
export type OptionsSchema = Readonly<Record<string, OptionSchema>>;
export type OptionValue = number | boolean | string;
export type OptionValues = Readonly<Record<string, OptionValue>>;

/** The values that a schema describes. */
export type OptionsOf<S extends OptionsSchema> = {
  readonly [K in keyof S]: S[K] extends BooleanOption ? boolean : S[K] extends StringOption ? string : number;
};

/** What holds where nothing is given. */
export function defaultsOf<S extends OptionsSchema>(schema: S): OptionsOf<S> {
  const values = Object.entries(schema).map(([name, option]) => [name, option.default]);
  return Object.fromEntries(values) as OptionsOf<S>;
}

/**
 * The given values over the defaults.
 * @param of who takes them, for the message: `criterion "mine"`
 * @throws PLUGIN_UNKNOWN_OPTION, PLUGIN_OPTION
 */
export function readOptions<S extends OptionsSchema>(
  schema: S,
  given: Readonly<Record<string, unknown>>,
  of: string,
): OptionsOf<S> {
  for (const [option, value] of Object.entries(given)) {
    if (!Object.hasOwn(schema, option)) {
      const near = suggestion(option, Object.keys(schema));
      throw pluginError('PLUGIN_UNKNOWN_OPTION', { of, option, suggestion: near });
    }
    const expected = whatIsWrong(schema[option], value);
    if (expected) throw pluginError('PLUGIN_OPTION', { of, option, expected, actual: shown(value) });
  }
  return { ...defaultsOf(schema), ...(given as Partial<OptionsOf<S>>) };
}

/** JSON Schema (draft 2020-12) of the options as an object. */
export function optionsJsonSchema(schema: OptionsSchema): {
  readonly type: 'object';
  readonly properties: OptionsSchema;
  readonly additionalProperties: false;
} {
  return { type: 'object', properties: schema, additionalProperties: false };
}

/** What was expected, when `value` is not that. */
function whatIsWrong(option: OptionSchema, value: unknown): string | undefined {
  switch (option.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'string': {
      const words = option.enum;
      if (typeof value === 'string' && (words === undefined || words.includes(value))) return undefined;
      return words ? `one of ${words.join(', ')}` : 'a word';
    }
    default:
      return isInRange(option, value) ? undefined : rangeOf(option);
  }
}

function isInRange(option: NumberOption, value: unknown): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (option.type === 'integer' && !Number.isSafeInteger(value)) return false;
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity } = option;
  return value >= minimum && value <= maximum && value > exclusiveMinimum;
}

function rangeOf({ type, minimum, maximum, exclusiveMinimum }: NumberOption): string {
  const bounds = [
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
  ];
  const noun = type === 'integer' ? 'a whole number' : 'a number';
  return bounds.length === 0 ? noun : `${noun}, ${bounds.join(' and ')}`;
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
