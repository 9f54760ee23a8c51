/**
 * The recipe: one zod schema, from which the types, the validator and docs/recipe.schema.json come. Keys stand in the
 * order in which a run goes through them.
 */
import type { NetworkSpec } from '@espalier/models';
import { z } from 'zod';
import { encodeSchema, quantizeSchema, shareSchema } from './encode-schema';
import { networkSchema } from './network-schema';
import { count, countOrZero } from './numbers';
import { pluginsSchema, referenceSchema } from './plugins-schema';
import { budgetSchema, pruneSchema } from './prune-schema';
import { retrainSchema } from './retrain-schema';
import { trainSchema } from './train-schema';

export const RECIPE_VERSION = 1;

const idxFiles = z.strictObject({ images: z.string().min(1), labels: z.string().min(1) });
const heldOut = countOrZero
  .default(5000)
  .describe('The last training samples, kept for the budget; 0 for none. The test set is never looked at.');

const data = z
  .discriminatedUnion('format', [
    z.strictObject({ format: z.literal('mnist'), heldOut }),
    z.strictObject({
      format: z.literal('idx'),
      train: idxFiles,
      test: idxFiles,
      classes: z.int().min(2).max(256).optional().describe('The highest label + 1 unless given.'),
      heldOut,
    }),
  ])
  .describe('MNIST, or IDX files, plain or gzipped; paths count from the folder of the recipe.');

const init = z
  .strictObject({
    from: z.string().min(1).describe('A safetensors file; the path counts from the folder of the recipe.'),
    names: z
      .record(z.string(), z.string())
      .default({})
      .describe('Our tensor names to those of the file, e.g. fc1/kernel: dense_1.weight.'),
  })
  .describe("Starts from somebody's trained weights; without train they are pruned as they are.");

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex');

const resolved = z
  .strictObject({
    createdBy: z.string().describe('The version that resolved the recipe.'),
    data: digest.describe("The digest of the data set's manifest."),
    fingerprint: z.string().describe('The engine for which the same bits are promised.'),
    plugins: z.record(z.string(), digest).default({}),
    init: digest.optional().describe('The digest of the file that init names.'),
  })
  .describe('Written by the program: what a replay needs beside the recipe itself.');

export const recipeSchema = z
  .strictObject({
    version: z.literal(RECIPE_VERSION),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'letters, digits, "-", "_", ".", at most 64')
      .describe('How the run is called.'),
    seed: z
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(1)
      .describe('Of everything that is drawn.'),
    network: networkSchema,
    init: init.optional(),
    data: data.prefault({ format: 'mnist' }),
    engine: z
      .strictObject({
        threads: count.max(256).optional().describe('Part of the fingerprint; all cores unless given.'),
      })
      .prefault({}),
    plugins: pluginsSchema.optional(),
    train: trainSchema.optional(),
    prune: pruneSchema.optional(),
    retrain: retrainSchema.optional(),
    budget: budgetSchema.optional(),
    share: shareSchema.optional(),
    quantize: quantizeSchema.optional(),
    encode: encodeSchema.prefault({}),
    observers: z
      .array(referenceSchema)
      .min(1)
      .optional()
      .describe(
        'Observers of plugins, which are told what the run does, and may make series, tables and files of it.',
      ),
    resolved: resolved.optional(),
  })
  .describe('An Espalier recipe: train, prune, retrain, share and encode one network.');

type Checked = z.output<typeof recipeSchema>;

/** A checked recipe: every default filled in, the network looked up. */
export type Recipe = Omit<Checked, 'network'> & { readonly network: NetworkSpec };

/** A recipe with all that a run depends on; replays to the same bytes under the same fingerprint. */
export type ResolvedRecipe = Recipe & {
  readonly engine: { readonly threads: number };
  readonly resolved: ResolvedSection;
};

export type DataSection = Checked['data'];
export type ResolvedSection = z.output<typeof resolved>;
