/**
 * All series of one run, in a fixed number of buckets. The x of a value is the run's own step: that of its stage, from where the
 * stages before it ended. An observer's x are its own, and move no stage.
 */
import { isObservedSeries, type PointsBody } from '@espalier/protocol';
import type { Digest } from '@espalier/tensor';
import { BucketSeries } from './bucket-series';

export const SERIES_LIMITS = {
  /** Of 32 bytes each: 32 MiB a run. */
  buckets: 2 ** 20,
  /** Of one series: more than a screen has points, as long as there are few series; what still shows a curve where there are many. */
  maxBuckets: 16_384,
  minBuckets: 512,
  /** Series of one run; further ones are left out. */
  series: 4_096,
  /** Of those, observers' together: what they invent must leave room for the run's own. */
  observed: 1_024,
} as const;

/** A stage that has given values, in the order of the run. */
export interface SeriesStage {
  readonly key: Digest;
  /** Run-global step at which its values begin. */
  readonly base: number;
  /** That of its last value so far. */
  readonly end: number;
}

export interface NamedSeries {
  readonly name: string;
  readonly buckets: BucketSeries;
  /** Grows with each change. */
  readonly version: number;
}

interface Entry {
  readonly name: string;
  readonly buckets: BucketSeries;
  version: number;
  /** That the last value is of. */
  stage: Digest | undefined;
  lastX: number;
  readonly isObserved: boolean;
}

type GrowingStage = { -readonly [Field in keyof SeriesStage]: SeriesStage[Field] };

export class RunSeries {
  /** Grows with each change of any series. */
  version: number;
  /** Grows when a series comes or goes. */
  namesVersion: number;
  private readonly entries = new Map<string, Entry>();
  private stageList: GrowingStage[] = [];
  private generations: number;
  private observedCount = 0;

  /** @param before what this one takes the place of: who has seen that sees that everything is new */
  constructor(before?: RunSeries) {
    this.version = (before?.version ?? 0) + 1;
    this.namesVersion = (before?.namesVersion ?? 0) + 1;
    this.generations = before?.generations ?? 0;
  }

  /**
   * Adds values of a stage; those that are there already count once. False: they belong to a stage before the last one, so that
   * everything must be read again, in the stages' order. Names of observers' series are not for a stage: see `observe`.
   */
  append({ key, series }: Pick<PointsBody, 'key' | 'series'>): boolean {
    const own = series.filter(({ name }) => !isObservedSeries(name));
    if (own.length === 0) return true;
    const stage = this.stageOf(key);
    if (!stage) return false;
    this.version++;
    for (const { name, x, y } of own) {
      const entry = this.entryOf(name);
      if (!entry) continue;
      for (let i = 0; i < x.length; i++) this.add(entry, stage, { x: stage.base + x[i], y: y[i] });
    }
    return true;
  }

  /** Adds what an observer told. What it tells again, as one that started anew does, is not beyond the last. */
  observe(series: PointsBody['series']): void {
    this.version++;
    for (const { name, x, y } of series) {
      const entry = this.entryOf(name);
      if (!entry?.isObserved) continue;
      for (let i = 0; i < x.length; i++) {
        if (x[i] <= entry.lastX) continue;
        entry.buckets.append(x[i], y[i]);
        entry.lastX = x[i];
        entry.version = this.version;
      }
    }
  }

  /** Then an undo means that everything must be read again: which of their buckets it cuts, only the run's log says. */
  get hasObserved(): boolean {
    return this.observedCount > 0;
  }

  /** Only these stages are still of the run. Observers' series stay as they are. */
  keep(keys: ReadonlySet<Digest>): void {
    const firstGone = this.stageList.findIndex(({ key }) => !keys.has(key));
    if (firstGone < 0) return;
    this.stageList = this.stageList.slice(0, firstGone);
    const last = this.stageList.at(-1);
    this.version++;
    for (const entry of this.entries.values()) {
      if (entry.isObserved) continue;
      const { buckets } = entry;
      buckets.truncate(last?.end ?? -1);
      entry.version = this.version;
      entry.lastX = buckets.length === 0 ? -Infinity : buckets.x[buckets.length - 1];
      entry.stage = last && entry.lastX >= last.base ? last.key : undefined;
    }
  }

  stages(): readonly SeriesStage[] {
    return this.stageList;
  }

  has(key: Digest): boolean {
    return this.stageList.some((stage) => stage.key === key);
  }

  names(): readonly string[] {
    return [...this.entries.keys()];
  }

  get(name: string): NamedSeries | undefined {
    return this.entries.get(name);
  }

  /** One behind the last value, so that no two stages share a step. */
  private nextBase(): number {
    const last = this.stageList.at(-1);
    return last ? last.end + 1 : 0;
  }

  private stageOf(key: Digest): GrowingStage | undefined {
    const last = this.stageList.at(-1);
    if (last?.key === key) return last;
    if (this.has(key)) return undefined;
    const base = this.nextBase();
    const stage = { key, base, end: base };
    this.stageList.push(stage);
    return stage;
  }

  private add(entry: Entry, stage: GrowingStage, { x, y }: { readonly x: number; readonly y: number }): void {
    if (entry.stage === stage.key) {
      if (x <= entry.lastX) return;
    } else {
      entry.buckets.gap(x);
      entry.stage = stage.key;
    }
    entry.buckets.append(x, y);
    entry.lastX = x;
    entry.version = this.version;
    if (x > stage.end) stage.end = x;
  }

  private entryOf(name: string): Entry | undefined {
    const known = this.entries.get(name);
    if (known || this.entries.size >= SERIES_LIMITS.series) return known;
    const observed = isObservedSeries(name);
    if (observed && this.observedCount++ >= SERIES_LIMITS.observed) return undefined;
    const before = capacityFor(this.entries.size);
    const capacity = capacityFor(this.entries.size + 1);
    if (capacity < before) {
      for (const { buckets } of this.entries.values()) buckets.setCapacity(capacity);
      for (const entry of this.entries.values()) entry.version = this.version;
    }
    const buckets = new BucketSeries(capacity, () => ++this.generations);
    const entry: Entry = {
      ...{ name, buckets, version: this.version, stage: undefined, lastX: -Infinity },
      isObserved: observed,
    };
    this.entries.set(name, entry);
    this.namesVersion++;
    return entry;
  }
}

/** Buckets of each of so many series: a power of two, so that it changes seldom. */
export function capacityFor(series: number): number {
  const share = SERIES_LIMITS.buckets / Math.max(1, series);
  const power = 2 ** Math.floor(Math.log2(share));
  return Math.min(SERIES_LIMITS.maxBuckets, Math.max(SERIES_LIMITS.minBuckets, power));
}
