/** Plugins of a recipe, and references to what they contribute. */
import { z } from 'zod';

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex');
const name = z.string().min(1);
const options = z.record(z.string(), z.json());

/** `magnitude`, or `{name: magnitude, options: {...}}`; ours by its name, a plugin's as `plugin/name`. */
export const referenceSchema = z
  .union([name, z.strictObject({ name, options: options.default({}) })])
  .transform((value) => (typeof value === 'string' ? { name: value, options: {} } : value));

/** The same where a bare name has always stood as it is. */
export const nameOrReference = z.union([name, z.strictObject({ name, options: options.default({}) })]);

const PLUGIN_KEY = /^(@[a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9.-]*(@[0-9a-f]{12})?$/;

export const pluginsSchema = z
  .record(
    z.string().regex(PLUGIN_KEY, "a plugin's name: lower-case letters, digits, with an npm scope or without"),
    z.strictObject({
      from: z
        .string()
        .min(1)
        .describe(
          'Its folder, which counts from that of the recipe; npm for an installed package of that name, or the name of another.',
        ),
      version: z.string().min(1).optional().describe('Written by the program, or the one that is wanted.'),
      digest: digest
        .optional()
        .describe('Written by the program: SHA-256 over its files; it must be that one.'),
      needs: z
        .record(z.string(), z.array(z.string()))
        .optional()
        .describe('Written by the program: what its criteria and regrowths need.'),
      criteria: z
        .record(z.string(), z.strictObject({ description: z.string().optional(), options }))
        .optional()
        .describe('Written by the program: its criteria, each with the schema of its options.'),
    }),
  )
  .describe(
    'Plugins that references may name, as PLUGIN/NAME. A second version of one stands under NAME@ and the first 12 digits of its digest.',
  );

export type PluginEntry = z.output<typeof pluginsSchema>[string];
export type Reference = z.output<typeof referenceSchema>;
