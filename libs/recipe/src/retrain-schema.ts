/** How the survivors are trained after each pruning (HAN15 section 3.3 to 3.5). */
import { z } from 'zod';
import { count, countOrZero, positive, positiveShare, share } from './numbers';
import { learningRateSchema, trainingFields } from './train-schema';

const retrainEpochs = z
  .union([
    count,
    z.strictObject({
      perRound: countOrZero,
      last: count.describe('Epochs of the last round: nothing is removed after it, so that it may settle.'),
    }),
  ])
  .transform((epochs) => (typeof epochs === 'number' ? { perRound: epochs, last: epochs } : epochs))
  .describe('Epochs of each round, or {perRound, last}.');

const learningRate = learningRateSchema({
  span: z
    .enum(['run', 'round'])
    .default('run')
    .describe('Does the schedule go once over the steps of all rounds, or begin again in each?'),
});

export const distillSchema = z
  .strictObject({
    temperature: positive.default(2).describe("Both networks' logits are divided by it."),
    weight: share.default(0.5).describe('Share of the loss; the labels have the rest.'),
  })
  .describe('The dense network as teacher (Hinton 2015).');

const freeze = z
  .union([
    z.strictObject({
      alternate: z
        .literal('conv-fc')
        .describe('Odd rounds train the dense layers alone, even rounds the convolutions.'),
    }),
    z.strictObject({
      layers: z.array(z.string().min(1)).min(1).describe('Patterns of layers that stay as they are.'),
    }),
  ])
  .describe('Layers that are held while retraining (HAN15 section 3.3).');

export const retrainSchema = z
  .strictObject({
    epochs: retrainEpochs,
    learningRate,
    ...trainingFields,
    distill: distillSchema.optional(),
    keepOptimizer: z
      .boolean()
      .default(true)
      .describe("Go on with the survivors' momentum; that of removed weights is 0 in any case."),
    dropoutRule: z
      .boolean()
      .default(true)
      .describe(
        'Dropout rates become D_o * sqrt(C_ir / C_io) (HAN15 section 3.2); with prune.during, C_ir at its end.',
      ),
    freeze: freeze.optional(),
  })
  .describe('Trains the survivors. What train says holds here too, unless said again; augment key by key.');

/** Trains what structured pruning left, after each of its rounds. */
export const unitTrainingSchema = z
  .strictObject({
    epochs: count.describe('Of each round.'),
    learningRate,
    ...trainingFields,
    distill: distillSchema.optional(),
  })
  .describe('Trains the units that are left, after each round. What train says holds here too.');

const straightThrough = z
  .strictObject({
    share: positiveShare.default(0.6).describe('Of the steps; the centroids have the rest.'),
    everySteps: count
      .default(20)
      .describe(
        'Steps between two times that each survivor gets its nearest centroid, and each centroid its mean.',
      ),
  })
  .describe(
    'First the weights go on being trained behind their centroids, and change between them (Bengio et al. 2013); then codes are frozen.',
  );

/** Trains the centroids of shared weights (DC16 section 3.3). */
export const centroidTrainingSchema = z
  .strictObject({
    epochs: count,
    learningRate: learningRateSchema({}),
    ...trainingFields,
    distill: distillSchema.optional(),
    straightThrough: straightThrough.optional(),
  })
  .describe(
    'Trains the centroids: the gradient of one is the sum over its weights. What retrain says holds here too.',
  );

export type RetrainSection = z.output<typeof retrainSchema>;
