/**
 * What a viewer gets on `/view`: the latest state of each topic that it watches, at most ten times a second, and nothing while its
 * socket still holds what was sent before. There is no queue, so nothing is lost but what has been overtaken.
 */
import * as z from 'zod';
import { protocolError } from '../errors';
import { errorCodeField, sentence } from '../fields';

const count = z.number().int().nonnegative();
/** `runs`, `services`, `run:ID`, `progress:ID`, `series:ID`. */
const topic = z.string().min(1).max(160);
/** Grows by one with each message about the topic on this connection. */
const version = count;

/** The bytes are UTF-8 JSON of the topic's whole value. */
export const viewState = z.object({ kind: z.literal('view.state'), topic, version });

/**
 * For each part the bytes have `count` buckets as four columns of Float64 behind each other: x (the last of the bucket), min, max,
 * last. The viewer cuts its array of the series to `from` buckets and appends these; afterwards it has `total`.
 */
export const viewSeries = z.object({
  kind: z.literal('view.series'),
  topic,
  version,
  parts: z
    .array(
      z.object({
        name: z.string().min(1).max(160),
        /** Everything before is void; `from` is 0. */
        reset: z.boolean(),
        from: count,
        count,
        total: count,
      }),
    )
    .max(1_024),
});

/** The topic cannot be seen; the bytes are empty. */
export const viewRefused = z.object({
  kind: z.literal('view.refused'),
  topic,
  code: errorCodeField,
  message: sentence,
});

/** A viewer's connection carries these and no blobs. */
export const VIEW_HEADERS = {
  'view.state': viewState,
  'view.series': viewSeries,
  'view.refused': viewRefused,
} as const;

export type ViewHeaderKind = keyof typeof VIEW_HEADERS;
export type ViewHeader<Kind extends ViewHeaderKind = ViewHeaderKind> = {
  [K in Kind]: z.infer<(typeof VIEW_HEADERS)[K]>;
}[Kind];

/** Bytes of a bucket, all its columns together. */
export const BUCKET_BYTES = 32;

/** Buckets of one series, oldest first; where min, max and last are NaN there is a gap, e.g. between two stages. */
export interface Buckets {
  /** Run-global step of the bucket's last value. */
  readonly x: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly last: Float64Array;
}

/**
 * The buckets of each part of a `view.series`, in the parts' order: views of the bytes, or of one copy where they lie askew.
 * Throws PROTOCOL_BODY when there are other bytes than the parts declare.
 */
export function viewBuckets({ parts }: ViewHeader<'view.series'>, bytes: Uint8Array): readonly Buckets[] {
  const expected = parts.reduce((sum, part) => sum + part.count, 0) * BUCKET_BYTES;
  if (bytes.byteLength !== expected) {
    const problem = `${expected} bytes are declared, but ${bytes.byteLength} follow`;
    throw protocolError('PROTOCOL_BODY', { kind: 'view.series', path: '"parts"', problem });
  }
  const { buffer, byteOffset } = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  let start = byteOffset;
  return parts.map((part) => {
    const column = (): Float64Array => {
      const values = new Float64Array(buffer, start, part.count);
      start += values.byteLength;
      return values;
    };
    return { x: column(), min: column(), max: column(), last: column() };
  });
}
