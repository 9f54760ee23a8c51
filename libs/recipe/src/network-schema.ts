/** A network written in a recipe: the schema of its layers is made from the table that `checkNetwork` works by. */
import { LAYER_FIELDS, LAYER_TYPES, type FieldSpec, type LayerType } from '@espalier/models';
import { z } from 'zod';
import { count } from './numbers';

const layerName = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, '1 to 64 letters, digits, "_", "-" or "."');

const inlineNetwork = z.strictObject({
  version: z.literal(1).optional(),
  name: layerName.optional(),
  input: z.array(count).min(1).max(3).describe('[height, width, channels] or [features] of one sample.'),
  layers: z
    .array(z.discriminatedUnion('type', layerSchemas()))
    .min(1)
    .describe('In order; each reads from the one before it unless `inputs` says otherwise.'),
});

/** The spec itself is made by `checkNetwork`, which knows shapes and names; this finds misspelt keys and wrong types. */
export const networkSchema = z
  .union([z.string().min(1), inlineNetwork])
  .describe('The name of a network that comes with the program, or the network itself.');

type LayerSchema = z.ZodObject<{ type: z.ZodLiteral<LayerType> } & Record<string, z.ZodType>>;

function layerSchemas(): [LayerSchema, ...LayerSchema[]] {
  const [first, ...rest] = LAYER_TYPES.map((type) => {
    const fields = Object.entries(LAYER_FIELDS[type]).map(
      ([name, spec]) => [name, fieldSchema(spec)] as const,
    );
    return z.strictObject({
      type: z.literal(type),
      name: layerName.optional(),
      inputs: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
      ...Object.fromEntries(fields),
    }) as unknown as LayerSchema;
  });
  return [first, ...rest];
}

function fieldSchema(spec: FieldSpec): z.ZodType {
  const schema = valueSchema(spec).describe(`${spec.doc}.`);
  return spec.default === undefined ? schema : schema.optional();
}

function valueSchema(spec: FieldSpec): z.ZodType {
  switch (spec.kind) {
    case 'integer':
      return z.int().min(spec.min).max(spec.max);
    case 'number': {
      let number = z.number();
      if (spec.min !== undefined) number = number.min(spec.min);
      if (spec.max !== undefined) number = number.max(spec.max);
      if (spec.above !== undefined) number = number.gt(spec.above);
      if (spec.below !== undefined) number = number.lt(spec.below);
      return number;
    }
    case 'pair': {
      const axis = z.int().min(spec.min).max(spec.max);
      return z.union([axis, z.tuple([axis, axis])]);
    }
    case 'choice':
      return z.enum(spec.values as [string, ...string[]]);
    case 'boolean':
      return z.boolean();
  }
}
