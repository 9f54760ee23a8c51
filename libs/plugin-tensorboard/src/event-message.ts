/** TensorBoard's messages (`event.proto`, `summary.proto`, `histogram.proto`), with the field numbers that stand there. */
import { ProtoWriter } from './protobuf';

export interface Scalar {
  readonly kind: 'scalar';
  readonly tag: string;
  readonly value: number;
}

/** Values and how often each occurs. */
export interface Histogram {
  readonly kind: 'histogram';
  readonly tag: string;
  /** Ascending, at least one. */
  readonly values: readonly number[];
  readonly counts: readonly number[];
}

export type Summary = Scalar | Histogram;

export interface Moment {
  readonly wallTimeSeconds: number;
  readonly step: number;
}

const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2, histo: 5 } as const;
const HISTO = { min: 1, max: 2, num: 3, sum: 4, sumSquares: 5, bucketLimit: 6, bucket: 7 } as const;

/** The first record of each file. */
export function versionEvent(wallTimeSeconds: number): Uint8Array {
  return new ProtoWriter()
    .double(EVENT.wallTime, wallTimeSeconds)
    .text(EVENT.fileVersion, 'brain.Event:2')
    .finish();
}

export function summaryEvent({ wallTimeSeconds, step }: Moment, summaries: readonly Summary[]): Uint8Array {
  const summary = new ProtoWriter();
  for (const each of summaries) summary.bytes(SUMMARY.value, valueOf(each));
  return new ProtoWriter()
    .double(EVENT.wallTime, wallTimeSeconds)
    .int(EVENT.step, step)
    .bytes(EVENT.summary, summary.finish())
    .finish();
}

function valueOf(summary: Summary): Uint8Array {
  const value = new ProtoWriter().text(VALUE.tag, summary.tag);
  if (summary.kind === 'scalar') return value.float(VALUE.simpleValue, summary.value).finish();
  return value.bytes(VALUE.histo, histogramOf(summary)).finish();
}

/** Bucket i holds what is above the limit before it and at most its own: each value is the limit of its bucket. */
function histogramOf({ values, counts }: Histogram): Uint8Array {
  const total = (term: (value: number) => number): number =>
    values.reduce((sum, value, i) => sum + counts[i] * term(value), 0);
  return new ProtoWriter()
    .double(HISTO.min, values[0])
    .double(HISTO.max, values[values.length - 1])
    .double(
      HISTO.num,
      total(() => 1),
    )
    .double(
      HISTO.sum,
      total((value) => value),
    )
    .double(
      HISTO.sumSquares,
      total((value) => value * value),
    )
    .packedDoubles(HISTO.bucketLimit, values)
    .packedDoubles(HISTO.bucket, counts)
    .finish();
}
