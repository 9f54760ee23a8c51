/** What is removed, how much, and when. */
import { z } from 'zod';
import { byLayer, count, countOrZero, notNegative, positiveShare, share } from './numbers';
import { nameOrReference, referenceSchema } from './plugins-schema';
import { unitTrainingSchema } from './retrain-schema';

const criterion = referenceSchema.describe(
  'Scores each weight; the lowest go first. magnitude, magnitude-normalised, taylor, taylor-unit, fisher (needs Adam), random, or a plugin.',
);

const perRound = z.union([notNegative, z.array(notNegative).min(1)]);
const quality = z
  .union([perRound, byLayer(perRound)])
  .describe(
    'Removes |w| < quality * std of those weights of the layer that earlier rounds left. A number, a list of one a round, or either by layer. Needs criterion magnitude.',
  );

const keep = z
  .union([
    z.strictObject({
      global: positiveShare.describe('Share of all prunable weights, one threshold for all layers.'),
    }),
    z.strictObject({
      layers: byLayer(positiveShare).describe('Share by layer; a layer that no key matches stays.'),
    }),
  ])
  .describe('Keeps exactly this share of the weights at the end.');

const schedule = z
  .strictObject({
    kind: z
      .string()
      .min(1)
      .default('one-shot')
      .describe('one-shot, linear, cubic (Zhu & Gupta 2017), or a plugin.'),
    options: z.record(z.string(), z.json()).optional().describe("Of the schedule, when it is a plugin's."),
    completions: z
      .array(share)
      .min(1)
      .optional()
      .describe("Written by the program: what a plugin's schedule says after each round."),
    rounds: count.default(1).describe('How often prune and retrain follow each other.'),
  })
  .describe('How much of the way is done after each round.');

const during = z
  .strictObject({
    everySteps: count.describe('Steps between two prunings.'),
    fromEpoch: notNegative.default(0).describe('Epochs of retraining before the first.'),
    untilShare: positiveShare
      .default(0.65)
      .describe('Share of the retraining at which the final amount is reached.'),
  })
  .describe('Prunes inside the retraining of the one round, along the schedule, instead of before it.');

/** Of sensitivity curves: from mild to severe; denser where errors usually begin to rise. */
export const DEFAULT_KEEP_SHARES: readonly number[] = [0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01];
/** A quarter of an epoch of MNIST: enough to see which layers recover. */
export const DEFAULT_SENSITIVITY_STEPS = 100;

const sensitivity = z
  .strictObject({
    keep: z
      .array(positiveShare)
      .min(1)
      .default([...DEFAULT_KEEP_SHARES])
      .meta({ uniqueItems: true })
      .describe('Shares of a layer that are kept, one after the other; no share twice.'),
    retrainSteps: countOrZero
      .default(DEFAULT_SENSITIVITY_STEPS)
      .describe('Steps of retraining a point, after which it is measured again; 0 for none.'),
  })
  .describe(
    'Before anything is removed: the held-out error as one layer is pruned by magnitude, the others dense (HAN15 figure 6). Changes nothing of the run.',
  );

const units = z
  .strictObject({
    criterion: criterion
      .prefault('taylor-unit')
      .describe('Scores the units: taylor-unit (Molchanov 2019), or the mean of any criterion over a unit.'),
    keep: z
      .array(byLayer(count))
      .min(1)
      .describe('Units left of each layer, one map a round; a layer that no key matches keeps all.'),
    retrain: unitTrainingSchema,
  })
  .describe(
    'Before any weights: whole units go, round by round, the tensors shrink, and what is left is trained.',
  );

const swap = z
  .strictObject({
    round: count.describe('From this round on.'),
    fromStep: countOrZero
      .optional()
      .describe('With prune.during: from this step of the retraining on, at its next pruning.'),
    criterion,
    fallback: z
      .literal(true)
      .optional()
      .describe('Written by the program: it stood in for a plugin that failed.'),
  })
  .describe('Another criterion from there on.');

export const pruneSchema = z
  .strictObject({
    sensitivity: sensitivity.optional(),
    units: units.optional(),
    criterion: criterion.prefault('magnitude'),
    fallback: criterion
      .optional()
      .describe(
        "Scores the rounds in which the criterion's plugin fails for good; unless given, the run is paused then.",
      ),
    swaps: z
      .array(swap)
      .min(1)
      .optional()
      .describe('Criteria from later rounds on; what was changed while the run went on is added here.'),
    granularity: nameOrReference
      .default('weight')
      .describe('weight, unit (neuron and filter are other names for it), or a plugin.'),
    regrowth: referenceSchema
      .optional()
      .describe(
        'Brings removed weights back, after each pruning: a plugin, such as @espalier/plugin-splicing/splicing.',
      ),
    quality: quality.optional(),
    keep: keep.optional(),
    schedule: schedule.prefault({}),
    during: during.optional(),
    minimumKept: countOrZero.default(1).describe('No layer is left with fewer weights than this.'),
    deadUnits: z
      .enum(['remove', 'keep'])
      .default('remove')
      .describe(
        'After the last round: units without inputs or outputs are taken out and the tensors shrink.',
      ),
  })
  .describe('Removes weights. One of quality and keep is needed.');

export const budgetSchema = z
  .strictObject({
    maxErrorIncrease: share.optional().describe('Over the dense error, as a share: 0.002 is 0.2 points.'),
    maxError: share.optional().describe('As a share: 0.016 is 1.6 %.'),
  })
  .describe(
    'A round whose held-out error breaks this is rolled back, and the run goes on to encoding with the best before it. Both hold when both are given.',
  );

export type SensitivitySection = z.output<typeof sensitivity>;
export type UnitsSection = z.output<typeof units>;
export type SwapSpec = z.output<typeof swap>;
export type KeepSpec = z.output<typeof keep>;
