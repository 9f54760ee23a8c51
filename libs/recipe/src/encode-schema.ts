/** How the survivors become few bytes (DC16). */
import { z } from 'zod';
import { byLayer } from './numbers';
import { referenceSchema } from './plugins-schema';
import { centroidTrainingSchema } from './retrain-schema';

/** Codes are uint16 with 0 for removed; more than 4,096 different values are not worth a codebook. */
const MAX_SHARE_BITS = 12;
const shareBits = z.int().min(1).max(MAX_SHARE_BITS);
const shareLevels = z
  .int()
  .min(1)
  .max(2 ** MAX_SHARE_BITS);
const quantizeBits = z.int().min(2).max(16);

export const shareSchema = z
  .strictObject({
    bits: z
      .union([shareBits, byLayer(shareBits)])
      .optional()
      .describe('2^bits centroids a layer, or by layer.'),
    levels: z
      .union([shareLevels, byLayer(shareLevels)])
      .optional()
      .describe('The same as a number of centroids.'),
    init: z
      .enum(['linear', 'density', 'random', 'blend'])
      .default('linear')
      .describe(
        'Where k-means starts; linear keeps the rare large weights (DC16 section 3.2), blend is the mean of linear and density.',
      ),
    rateWeight: z
      .number()
      .min(0)
      .optional()
      .describe(
        'How much a bit counts beside the squared error when codes are chosen: 1 is what a bit is worth where bits are plenty, more also removes weights; unless given, each survivor gets its nearest centroid.',
      ),
    quantizer: referenceSchema
      .optional()
      .describe(
        "In the place of k-means, and of bits and levels: a plugin's quantizer, for all layers, such as @espalier/plugin-int8/int8.",
      ),
    retrain: centroidTrainingSchema.optional(),
  })
  .describe(
    'k-means over the survivors of each layer; a layer that no key matches keeps its float32 values.',
  );

export const quantizeSchema = z
  .strictObject({
    bits: z
      .union([quantizeBits, byLayer(quantizeBits)])
      .describe('Bits a weight, for all layers or by layer.'),
  })
  .describe('Linear quantisation of the survivors: the other choice beside share.');

export const encodeSchema = z
  .strictObject({
    codings: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('The codings that the encoder may choose from, tensor by tensor; all of them unless given.'),
    codec: referenceSchema
      .optional()
      .describe(
        "A plugin's codec, for all kernels, in the place of codings; the file names it, and who reads the file needs it.",
      ),
    biasBits: z
      .union([z.int().min(2).max(16), z.literal(32)])
      .default(16)
      .describe(
        'How biases are stored: 32 float32, 16 float16, 2 to 15 multiples of one step of that many bits.',
      ),
    codebook: z.enum(['float32', 'float16']).default('float16').describe('How centroids are stored.'),
  })
  .describe('Writes the .espalier file: tries what is allowed and keeps the smallest.');
