/** How a network is trained. Nothing here is particular to pruning: see retrain-schema.ts for that. */
import { z } from 'zod';
import { byLayer, count, notNegative, positive, share } from './numbers';

const optimizer = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('sgd'),
      momentum: z.number().min(0).lt(1).default(0.9).describe('Heavy ball: v = momentum * v + gradient.'),
    }),
    z.strictObject({
      kind: z.literal('adam'),
      beta1: z.number().min(0).lt(1).default(0.9),
      beta2: z.number().min(0).lt(1).default(0.999),
      epsilon: positive.default(1e-8),
    }),
  ])
  .describe('How a gradient becomes an update.');

const warmupEpochs = notNegative
  .default(0)
  .describe('The rate rises linearly from 0 over these epochs; need not be whole.');
const base = positive.describe('The learning rate that the schedule starts from.');

/** The three schedules; `extra` is what a section adds to each of them. */
export function learningRateSchema<Extra extends z.ZodRawShape>(extra: Extra) {
  return z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('constant'), base, warmupEpochs, ...extra }),
      z.strictObject({
        kind: z.literal('step'),
        base,
        everyEpochs: positive.describe('The rate falls after each of these.'),
        factor: z.number().gt(0).lt(1).default(0.1).describe('What the rate is multiplied by.'),
        warmupEpochs,
        ...extra,
      }),
      z.strictObject({
        kind: z.literal('cosine'),
        base,
        final: notNegative.default(0).describe('The rate after the last step.'),
        warmupEpochs,
        ...extra,
      }),
    ])
    .describe('The learning rate as a function of the step.');
}

const elastic = z
  .strictObject({
    grid: z.int().min(2).max(64).default(5).describe('Nodes along each axis; fewer make a smoother field.'),
    px: notNegative.describe("Standard deviation of the nodes' displacement along each axis, in pixels."),
  })
  .describe(
    'A smooth random displacement of every pixel (Simard 2003): random at the nodes, bicubic between.',
  );

/* scaleY and elastic have no default that is filled in: what was resolved before there were these two stays what it is. */
const augment = z
  .strictObject({
    shiftPx: notNegative.default(0).describe('Shift along each axis, uniform in +- this many pixels.'),
    rotationDegrees: notNegative.default(0).describe('Rotation, uniform in +- this.'),
    scale: z.number().min(0).lt(1).default(0).describe('Size, uniform in 1 +- this.'),
    scaleY: z.number().min(0).lt(1).optional().describe('Size of y once more, uniform in 1 +- this.'),
    shear: notNegative.default(0).describe('Pixels of x for a pixel of y, uniform in +- this.'),
    elastic: elastic.optional(),
    strength: notNegative.default(1).describe('Multiplies all ranges, and the px of elastic.'),
    probability: share.default(1).describe('Share of the samples that are distorted.'),
  })
  .describe(
    'Random distortion of each training image; every range is 0 unless given, and there is no elastic.',
  );

/** What train, retrain and share.retrain have in common, beside epochs and learning rate. */
export const trainingFields = {
  batchSize: count.default(128),
  optimizer: optimizer.prefault({ kind: 'adam' }),
  augment: augment.prefault({}),
  l1: notNegative.default(0).describe('Adds l1 * sign(w) to the gradient of each kernel.'),
  l2: notNegative
    .default(0)
    .describe('Adds l2 * w to the gradient of each kernel (weight decay as Caffe counts it).'),
  labelSmoothing: z.number().min(0).lt(1).default(0).describe('Share of the label spread over all classes.'),
  dropout: byLayer(z.number().min(0).lt(1))
    .default({})
    .describe('Rates of dropout layers, where they should differ from what the network says.'),
};

export const trainSchema = z
  .strictObject({
    epochs: count,
    learningRate: learningRateSchema({}),
    ...trainingFields,
  })
  .describe('Trains the dense network: which connections matter?');

export type TrainSection = z.output<typeof trainSchema>;
export type OptimizerSpec = z.output<typeof optimizer>;
export type LearningRateSpec = TrainSection['learningRate'];
