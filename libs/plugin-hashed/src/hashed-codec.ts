/**
 * A tensor as the positions of its survivors, where any were removed, and one value for each bucket that has a weight.
 *
 * Bytes, all little-endian: version 1 (u8), flags (u8: bit 0 some were removed, bits 1 and 2 the kind of values), seed of the tensor's hashes
 * (u32), buckets (u32), where some were removed length (u32) and bytes of the position code, then the values to the end.
 * A bucket without survivors has no value: who knows the survivors knows those buckets, too.
 */
import type { CodecDefinition, OptionsSchema } from '@espalier/plugin-api';
import { decodePositions, encodePositions } from '@espalier/plugin-api/coding';
import { Mask, sizeOf } from '@espalier/tensor';
import { pluginHashedError } from './errors';
import {
  HASHING_OPTIONS,
  bucketCount,
  countSurvivors,
  hashing,
  leastSquares,
  tensorSeed,
  type Hashing,
} from './hashing';
import { VALUE_KINDS, decodeValues, encodeValues, type ValueKind } from './value-code';

const OPTIONS = {
  ...HASHING_OPTIONS,
  values: {
    type: 'string',
    default: 'float16',
    enum: VALUE_KINDS,
    description: 'How the value of a bucket is stored; int8 is a multiple of one scale.',
  },
} as const satisfies OptionsSchema;

const VERSION = 1;
const HEADER_BYTES = 10;
const LENGTH_BYTES = 4;

export const hashedCodec: CodecDefinition<typeof OPTIONS> = {
  description: 'One value a bucket; which bucket a weight has follows from its position (Chen et al. 2015).',
  options: OPTIONS,
  encode({ name, shape, values, options }) {
    const survivors = countSurvivors(values);
    const seed = tensorSeed(name, options.seed);
    const hash = hashing(bucketCount(survivors, options), seed);
    const mask = Mask.fromFlags(shape, values);
    const isPruned = survivors < values.length;
    const positions = isPruned ? encodePositions(mask) : undefined;
    const used = usedBuckets(mask, hash);
    const kept = leastSquares(values, hash).filter((_, bucket) => used.get(bucket));
    const kind = options.values as ValueKind;
    const coded = encodeValues(kept, kind);

    const valuesAt = HEADER_BYTES + (positions ? LENGTH_BYTES + positions.length : 0);
    const bytes = new Uint8Array(valuesAt + coded.length);
    const view = new DataView(bytes.buffer);
    bytes[0] = VERSION;
    bytes[1] = Number(isPruned) | (VALUE_KINDS.indexOf(kind) << 1);
    view.setUint32(2, seed, true);
    view.setUint32(6, hash.buckets, true);
    if (positions) {
      view.setUint32(HEADER_BYTES, positions.length, true);
      bytes.set(positions, HEADER_BYTES + LENGTH_BYTES);
    }
    bytes.set(coded, valuesAt);
    return bytes;
  },

  decode({ name, shape, bytes }) {
    const damaged = (problem: string): Error => pluginHashedError('PLUGIN_HASHED_BYTES', { name, problem });
    if (bytes.length < HEADER_BYTES) throw damaged(`they are only ${bytes.length}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes[0] !== VERSION) throw damaged(`their version is ${bytes[0]}, this plugin reads ${VERSION}`);
    const isPruned = (bytes[1] & 1) === 1;
    const kind = VALUE_KINDS[bytes[1] >> 1];
    if (kind === undefined) throw damaged(`their flags are ${bytes[1]}`);
    const size = sizeOf(shape);
    const buckets = view.getUint32(6, true);
    if (buckets > size) throw damaged(`they declare ${buckets} buckets for ${size} weights`);

    let valuesAt = HEADER_BYTES;
    let mask = Mask.full(shape);
    if (isPruned) {
      const length =
        bytes.length < HEADER_BYTES + LENGTH_BYTES ? Infinity : view.getUint32(HEADER_BYTES, true);
      valuesAt += LENGTH_BYTES + length;
      if (valuesAt > bytes.length) throw damaged('they end within the positions');
      mask = decodePositions(bytes.subarray(HEADER_BYTES + LENGTH_BYTES, valuesAt), shape);
    }
    if (buckets === 0 && mask.count() > 0) throw damaged('they declare weights, but no bucket');
    const hash = hashing(buckets, view.getUint32(2, true));
    const used = usedBuckets(mask, hash);
    const values = decodeValues(bytes.subarray(valuesAt), used.count(), kind);
    if (!values) throw damaged(`their values should be those of ${used.count()} buckets`);
    if (!values.every(Number.isFinite)) throw damaged('a value is not finite');
    return expand(mask, { hash, used, values });
  },
};

function usedBuckets(mask: Mask, { buckets, bucketOf }: Hashing): Mask {
  const used = Mask.empty([buckets]);
  for (let i = 0; i < mask.size; i++) if (mask.get(i)) used.set(bucketOf(i), true);
  return used;
}

interface Content {
  readonly hash: Hashing;
  readonly used: Mask;
  /** One for each bucket that is used. */
  readonly values: Float32Array;
}

function expand(mask: Mask, { hash, used, values }: Content): Float32Array {
  const ofBucket = new Float32Array(hash.buckets);
  let next = 0;
  for (let bucket = 0; bucket < hash.buckets; bucket++)
    if (used.get(bucket)) ofBucket[bucket] = values[next++];
  const weights = new Float32Array(mask.size);
  // + 0: the negative of a bucket at 0 is +0, too.
  for (let i = 0; i < mask.size; i++) {
    if (mask.get(i)) weights[i] = hash.signOf(i) * ofBucket[hash.bucketOf(i)] + 0;
  }
  return weights;
}
