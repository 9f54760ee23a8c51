/** A form from a JSON Schema of options, as plugins describe theirs. Pure. What no field fits is written as JSON. */
import type { JsonValue } from '@espalier/base';

interface FieldBase {
  readonly name: string;
  readonly description?: string;
  readonly required: boolean;
}

export type OptionField =
  | (FieldBase & { readonly kind: 'flag'; readonly value: boolean })
  | (FieldBase & {
      readonly kind: 'number';
      readonly whole: boolean;
      readonly least?: number;
      readonly most?: number;
      readonly value?: number;
    })
  | (FieldBase & {
      readonly kind: 'choice';
      readonly choices: readonly (string | number)[];
      readonly value?: string | number;
    })
  | (FieldBase & { readonly kind: 'text'; readonly value?: string })
  | (FieldBase & { readonly kind: 'json'; readonly value?: JsonValue });

type Schema = { readonly [key: string]: JsonValue | undefined };

/** One field a property, with what it was given, else its default. */
export function optionFields(
  schema: JsonValue,
  given: { readonly [option: string]: JsonValue } = {},
): readonly OptionField[] {
  const { properties, required } = record(schema);
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(record(properties)).map(([name, property]) => {
    const schema = record(property);
    // zod marks what has a default as required: it is there in the result, not in what is given.
    const required = needed.includes(name) && schema['default'] === undefined;
    return fieldOf(name, required, Object.hasOwn(given, name) ? { ...schema, default: given[name] } : schema);
  });
}

function fieldOf(name: string, required: boolean, schema: Schema): OptionField {
  const { type, description, minimum, maximum, exclusiveMinimum, default: value } = schema;
  const base = {
    name,
    required,
    ...(typeof description === 'string' ? { description } : {}),
  };
  const choices = choicesOf(schema);
  if (choices) {
    const chosen = choices.find((choice) => choice === value);
    return { ...base, kind: 'choice', choices, ...(chosen === undefined ? {} : { value: chosen }) };
  }
  switch (type) {
    case 'boolean':
      return { ...base, kind: 'flag', value: value === true };
    case 'integer':
    case 'number': {
      const least = number(minimum) ?? number(exclusiveMinimum);
      const most = number(maximum);
      return {
        ...base,
        kind: 'number',
        whole: type === 'integer',
        // JSON Schema of integers names the limits of safe ones, which say nothing to a person.
        ...(least === undefined || least <= Number.MIN_SAFE_INTEGER ? {} : { least }),
        ...(most === undefined || most >= Number.MAX_SAFE_INTEGER ? {} : { most }),
        ...(number(value) === undefined ? {} : { value: number(value) }),
      };
    }
    case 'string':
      return { ...base, kind: 'text', ...(typeof value === 'string' ? { value } : {}) };
    default:
      return { ...base, kind: 'json', ...(value === undefined ? {} : { value }) };
  }
}

function choicesOf({ enum: values, const: only }: Schema): readonly (string | number)[] | undefined {
  const listed = Array.isArray(values) ? values : only === undefined ? undefined : [only];
  if (!listed?.every((value) => typeof value === 'string' || typeof value === 'number')) return undefined;
  return listed as readonly (string | number)[];
}

/** What the form's texts mean: what is empty is left to its default. Throws an Error that names the field. */
export function optionValues(
  fields: readonly OptionField[],
  given: Readonly<Record<string, string | boolean>>,
): { readonly [name: string]: JsonValue } {
  const values: { [name: string]: JsonValue } = {};
  for (const field of fields) {
    const value = valueOf(field, given[field.name]);
    if (value !== undefined) values[field.name] = value;
    else if (field.required) throw new Error(`"${field.name}" must be given`);
  }
  return values;
}

function valueOf(field: OptionField, given: string | boolean | undefined): JsonValue | undefined {
  if (field.kind === 'flag') return given === undefined ? undefined : given === true;
  const text = String(given ?? '').trim();
  if (text === '') return undefined;
  switch (field.kind) {
    case 'number': {
      const value = Number(text);
      if (!Number.isFinite(value)) throw new Error(`"${field.name}" must be a number`);
      if (field.whole && !Number.isInteger(value)) throw new Error(`"${field.name}" must be a whole number`);
      return value;
    }
    case 'choice':
      return field.choices.find((choice) => String(choice) === text);
    case 'text':
      return text;
    case 'json':
      try {
        return JSON.parse(text) as JsonValue;
      } catch {
        throw new Error(`"${field.name}" must be JSON`);
      }
  }
}

function record(value: JsonValue | undefined): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function number(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
