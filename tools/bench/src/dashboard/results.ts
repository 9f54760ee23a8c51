import type { TimedBench } from '../circumstances';
import type { PagePart } from './measure-page';
import type { PageDigit } from './page-digit';
import type { PageLatency } from './page-latency';

/** A stalled viewer, after it reads again. */
export interface Stalled {
  readonly viewers: number;
  /** That are as they should be after what their sockets held, and one snapshot. */
  readonly right: number;
}

/** Viewers beside a training: pairs of runs, one with them and one without. */
export interface ViewersPart {
  readonly recipe: string;
  readonly viewers: number;
  readonly neverRead: number;
  /** Milliseconds a step, with viewers and without, in each pair. */
  readonly pairs: readonly { readonly withMs: number; readonly withoutMs: number }[];
  /** Median of the pairs' ratios. */
  readonly ratio: number;
  /** The most that the coordinator held for one viewer. */
  readonly mostQueuedBytes: number;
  /** Were trainer and all others on cores of their own? */
  readonly pinned: boolean;
}

/** Many series, and many values a minute, through the coordinator. */
export interface LoadPart {
  readonly series: number;
  readonly minutes: number;
  readonly values: number;
  readonly perMinute: number;
  /** Buckets that a viewer has at the end, and those whose min, max or last is not what was told. */
  readonly buckets: number;
  readonly wrong: number;
  /** Of the coordinator, each minute: MiB. */
  readonly residentMiB: readonly number[];
  /** Beside it in Chromium, a page with a sketch of every series: how many it has, and what it holds each minute. */
  readonly page: { readonly series: number; readonly heapMiB: readonly number[] };
  readonly cpuShare: number;
  readonly stalled: Stalled;
  readonly mostQueuedBytes: number;
  readonly viewerBytesPerSecond: number;
}

/** Each part is measured when it is asked for; the others stay as they were. */
export type DashboardPart = 'viewers' | 'stream' | 'page' | 'latency' | 'digit';

export interface DashboardResults extends TimedBench<'dashboard'> {
  /** When and by what each part was measured. */
  readonly taken: Partial<Record<DashboardPart, Pick<TimedBench<'dashboard'>, 'circumstances' | 'load'>>>;
  readonly viewers?: ViewersPart;
  readonly stream?: LoadPart;
  readonly page?: PagePart;
  readonly latency?: PageLatency;
  readonly digit?: PageDigit;
}
