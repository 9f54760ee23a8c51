/**
 * Calls of a plugin and their answers. The bytes of their tensors are put behind each other, each from a multiple of 8 on; the first at
 * most 1 MiB of them come with the call or answer, the rest in `plugin.part`s, in order.
 */
import { SHAPE_LIMITS } from '@espalier/tensor';
import * as z from 'zod';
import { json, word } from '../fields';
import { callNumber } from '../messages/plugin';

/** Element types on a plugin's wire; `bit` is packed, least significant bit first. */
export const PLUGIN_DTYPES = ['float32', 'int32', 'uint32', 'uint16', 'uint8', 'int8', 'bit'] as const;
export type PluginDType = (typeof PLUGIN_DTYPES)[number];

/** Tensors of one call: weights, gradients, moments, masks ... */
const MAX_TENSORS = 16;

const tensors = z
  .array(
    z.object({
      role: word,
      dtype: z.enum(PLUGIN_DTYPES),
      shape: z.array(z.number().int().nonnegative()).max(SHAPE_LIMITS.maxRank),
    }),
  )
  .max(MAX_TENSORS);

/** Bytes of all tensors, the gaps between them counted. */
const total = z.number().int().nonnegative();

/** Host to plugin. */
export const pluginCall = z.object({
  kind: z.literal('plugin.call'),
  call: callNumber,
  /** `criterion`, `granularity` ... */
  contribution: word,
  name: word,
  method: word,
  /** What is no tensor: the layer's name, its shape, the seed ... */
  input: json,
  options: json,
  tensors,
  total,
});

/** Plugin to host. */
export const pluginAnswer = z.object({
  kind: z.literal('plugin.answer'),
  call: callNumber,
  value: json.optional(),
  tensors,
  total,
});

/** Either way: more bytes of a call or an answer. */
export const pluginPart = z.object({
  kind: z.literal('plugin.part'),
  call: callNumber,
  /** Where they belong. */
  offset: z.number().int().nonnegative(),
});

/** A plugin's connection carries these and no blobs; a store's connection carries none of these. */
export const PLUGIN_HEADERS = {
  'plugin.call': pluginCall,
  'plugin.answer': pluginAnswer,
  'plugin.part': pluginPart,
} as const;

export type PluginHeaderKind = keyof typeof PLUGIN_HEADERS;
export type PluginHeader<Kind extends PluginHeaderKind = PluginHeaderKind> = {
  [K in Kind]: z.infer<(typeof PLUGIN_HEADERS)[K]>;
}[Kind];
