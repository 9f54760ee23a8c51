/** A sweep: recipes with variations, each a whole run, to see what bytes cost in errors. */
import { z } from 'zod';

export const SWEEP_VERSION = 1;

const file = z.string().min(1).describe('A recipe; the path counts from the folder of the sweep.');

const point = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'letters, digits, "-", "_", ".", at most 64')
    .describe('How the point is called; once in its network.'),
  recipe: file.optional(),
  set: z
    .record(z.string().min(1), z.json())
    .default({})
    .describe('What is changed, as --set does it: prune.keep.global: 0.05.'),
});

export const sweepSchema = z
  .strictObject({
    version: z.literal(SWEEP_VERSION),
    name: z.string().min(1).describe('How the sweep is called.'),
    seeds: z
      .array(
        z
          .int()
          .min(0)
          .max(2 ** 32 - 1),
      )
      .min(1)
      .default([1])
      .describe('Every point is run once with each.'),
    networks: z
      .array(
        z.strictObject({
          title: z.string().min(1).describe('Over its picture.'),
          recipe: file,
          points: z.array(point).min(1),
        }),
      )
      .min(1),
  })
  .describe('A sweep: for each network a recipe and its variations.');
