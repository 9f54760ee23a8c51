/** Steps of viewers who watch the same series with the same resolution: worked out and packed once for all who lack the same. */
import { encodeData, topicKey } from '@espalier/protocol';
import {
  matchingNames,
  nextStep,
  NOTHING_SEEN,
  type SeriesCursor,
  type SeriesStep,
  type SeriesTopic,
} from './series-cursor';
import type { RunSeries } from './run-series';

export interface FeedStep {
  /** The message; undefined when nothing is lacking. */
  readonly frame: Uint8Array | undefined;
  readonly next: SeriesCursor;
  readonly complete: boolean;
}

export class SeriesFeed {
  private readonly topic: SeriesTopic;
  private names: readonly string[] = [];
  private namesVersion = -1;
  private version = -1;
  private run: RunSeries | undefined;
  private steps = new WeakMap<SeriesCursor, FeedStep>();
  /** Everything of this version: the same cursor for all who have it. */
  private whole: SeriesCursor | undefined;

  constructor(topic: SeriesTopic) {
    this.topic = topic;
  }

  /** The next message for who has `cursor`. */
  step(cursor: SeriesCursor, run: RunSeries): FeedStep {
    if (this.run !== run || this.version !== run.version) {
      this.run = run;
      this.version = run.version;
      this.steps = new WeakMap();
      this.whole = undefined;
    }
    if (this.namesVersion !== run.namesVersion) {
      this.namesVersion = run.namesVersion;
      this.names = matchingNames(run.names(), this.topic.names);
    }
    let step = this.steps.get(cursor);
    if (!step) {
      const { topic, names } = this;
      step = this.packed(nextStep(cursor, run, { topic, names }));
      this.steps.set(cursor, step);
    }
    return step;
  }

  private packed({ parts, values, next, complete }: SeriesStep): FeedStep {
    if (complete) this.whole ??= next;
    const cursor = complete && this.whole ? this.whole : next;
    if (parts.length === 0) return { frame: undefined, next: cursor, complete };
    const bytes = new Uint8Array(values.buffer);
    const header = { kind: 'view.series' as const, topic: topicKey(this.topic), version: this.version };
    return { frame: encodeData({ ...header, parts: [...parts] }, bytes), next: cursor, complete };
  }
}

/** What a viewer has before the first message. */
export const FIRST_CURSOR = NOTHING_SEEN;
