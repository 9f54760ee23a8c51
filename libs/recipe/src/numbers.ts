/** Numbers as recipes write them, each with the text that an error shows for it. */
import { z } from 'zod';

/** A share of a whole, 0 to 1, both allowed. */
export const share = z.number().min(0).max(1);
/** More than 0, at most 1. */
export const positiveShare = z.number().gt(0).max(1);
/** 0 or more. */
export const notNegative = z.number().min(0);
export const positive = z.number().gt(0);
/** 1, 2, 3, ... */
export const count = z.int().min(1);
/** 0, 1, 2, ... */
export const countOrZero = z.int().min(0);

/**
 * A value by layer: the key is a layer's name, a glob (`fc*`), or a layer type (`conv2d`). For a layer that several keys
 * match, an exact name goes before a glob, a longer glob before a shorter one, and a type comes last.
 */
export function byLayer<T extends z.ZodType>(value: T) {
  return z.record(z.string().min(1), value);
}
