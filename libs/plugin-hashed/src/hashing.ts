/**
 * Which value a weight has: value[h(i)] * xi(i), with h a hash of the weight's place in its tensor into the buckets and xi a second
 * one to -1 or 1, which takes the bias out of colliding weights (Chen et al. 2015, section 4, equations 3 and 7).
 */
import type { OptionsOf, OptionsSchema } from '@espalier/plugin-api';
import { xxHash32, xxHash32OfWord } from './xx-hash';

export const HASHING_OPTIONS = {
  share: {
    type: 'number',
    default: 0.125,
    exclusiveMinimum: 0,
    maximum: 1,
    description: 'Buckets as a share of the weights that are left.',
  },
  buckets: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 2 ** 24,
    description: 'Buckets of each tensor, at most as many as weights; 0: by share.',
  },
  seed: { type: 'integer', default: 0, minimum: 0, maximum: 2 ** 32 - 1, description: 'Of both hashes.' },
} as const satisfies OptionsSchema;

export type HashingOptions = OptionsOf<typeof HASHING_OPTIONS>;

export interface Hashing {
  readonly buckets: number;
  /** The bucket of the weight at that place, from 0. */
  bucketOf(index: number): number;
  /** 1 or -1. */
  signOf(index: number): number;
}

/** @param seed of the tensor: `tensorSeed` */
export function hashing(buckets: number, seed: number): Hashing {
  const signSeed = xxHash32OfWord(1, seed);
  return {
    buckets,
    bucketOf: (index) => xxHash32OfWord(index, seed) % buckets,
    signOf: (index) => 1 - 2 * (xxHash32OfWord(index, signSeed) & 1),
  };
}

/** A seed of its own for each tensor. */
export function tensorSeed(name: string, seed: number): number {
  return xxHash32(new TextEncoder().encode(name), seed);
}

/** How many buckets `survivors` weights have; 0 only where there are none. */
export function bucketCount(survivors: number, { buckets, share }: HashingOptions): number {
  if (survivors === 0) return 0;
  const wanted = buckets > 0 ? buckets : Math.round(share * survivors);
  return Math.min(survivors, Math.max(1, wanted));
}

export function countSurvivors(values: Float32Array): number {
  let count = 0;
  for (const value of values) if (value !== 0) count++;
  return count;
}

/** [buckets]: the values with the least squared error: the mean of sign * weight over a bucket's survivors, 0 without any. */
export function leastSquares(values: Float32Array, { buckets, bucketOf, signOf }: Hashing): Float32Array {
  const sums = new Float64Array(buckets);
  const members = new Uint32Array(buckets);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    const bucket = bucketOf(i);
    sums[bucket] += signOf(i) * values[i];
    members[bucket]++;
  }
  return Float32Array.from(sums, (sum, bucket) => (members[bucket] === 0 ? 0 : sum / members[bucket]));
}
