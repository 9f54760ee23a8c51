/**
 * One viewer: what it wants to see, and what of it was sent last. Each topic goes at most ten times a second, always its latest state, and
 * nothing goes while the socket holds much: what is overtaken meanwhile is never sent.
 */
import { errorCode, errorMessage } from '@espalier/base';
import { encodeData, topicKey, type Topic } from '@espalier/protocol';
import type { Viewer } from '@espalier/transport';
import type { RunSeries } from './series/run-series';
import { FIRST_CURSOR, type SeriesFeed } from './series/series-feed';
import type { SeriesCursor } from './series/series-cursor';
import type { StateTopic } from './state-topic';

export const SEAT_LIMITS = {
  /** Between two messages of one topic. */
  intervalMs: 100,
  /** A socket that holds more than this is sent nothing; a message has some 256 KiB at most, or the buckets of one series. */
  queuedBytes: 256 * 1024,
} as const;

/** Where the seats get what they send. */
export interface SeatSources {
  /** @throws COORDINATOR_NO_RUN */
  state(topic: Topic): StateTopic;
  feed(topic: Extract<Topic, { kind: 'series' }>): SeriesFeed;
  /** Undefined while they are being read. @throws COORDINATOR_NO_RUN */
  series(run: string): RunSeries | undefined;
}

interface Watched {
  readonly topic: Topic;
  /** Milliseconds of the clock; before it nothing is sent. */
  dueMs: number;
  /** Of the state that was sent. */
  version: number;
  cursor: SeriesCursor;
  /** Code of the refusal that was sent. */
  refused: string | undefined;
}

/** What is to be done next, in milliseconds of the clock; undefined: nothing before something changes. */
export type NextTurn = number | undefined;

export class ViewerSeat {
  private readonly viewer: Pick<Viewer, 'isOpen' | 'queuedBytes' | 'send'>;
  private readonly sources: SeatSources;
  /** The socket has taken what it held: there may be more for it. */
  private readonly drained: () => void;
  private watched = new Map<string, Watched>();
  private blocked = false;
  /** What its socket held at most. */
  mostQueuedBytes = 0;

  constructor(
    viewer: Pick<Viewer, 'isOpen' | 'queuedBytes' | 'send'>,
    sources: SeatSources,
    drained: () => void,
  ) {
    this.viewer = viewer;
    this.sources = sources;
    this.drained = drained;
  }

  /** All that the viewer wants to see from now on. Topics that it watched already, unchanged, go on from what it has. */
  watch(topics: readonly Topic[]): void {
    const before = this.watched;
    this.watched = new Map();
    for (const topic of topics) {
      const key = topicKey(topic);
      const known = before.get(key);
      const same = known && JSON.stringify(known.topic) === JSON.stringify(topic);
      this.watched.set(key, same ? known : fresh(topic));
    }
  }

  topics(): readonly Topic[] {
    return [...this.watched.values()].map(({ topic }) => topic);
  }

  /** Sends what is due. */
  turn(nowMs: number): NextTurn {
    let next: NextTurn;
    this.blocked = false;
    for (const [key, watched] of this.watched) {
      if (!this.viewer.isOpen) return undefined;
      if (watched.dueMs > nowMs) {
        next = Math.min(next ?? Infinity, watched.dueMs);
        continue;
      }
      if (this.isFull()) {
        this.blocked = true;
        return next;
      }
      try {
        this.bring(watched, nowMs);
      } catch (error) {
        this.refuse(key, watched, error);
      }
    }
    return next;
  }

  private isFull(): boolean {
    return this.viewer.queuedBytes > SEAT_LIMITS.queuedBytes;
  }

  private bring(watched: Watched, nowMs: number): void {
    if (watched.topic.kind === 'series') return this.bringSeries(watched, watched.topic, nowMs);
    const latest = this.sources.state(watched.topic).latest();
    if (!latest || latest.version === watched.version) return;
    watched.version = latest.version;
    this.sent(watched, latest.frame, nowMs);
  }

  private bringSeries(watched: Watched, topic: Extract<Topic, { kind: 'series' }>, nowMs: number): void {
    const series = this.sources.series(topic.run);
    if (!series) return;
    const feed = this.sources.feed(topic);
    for (;;) {
      const { frame, next, complete } = feed.step(watched.cursor, series);
      watched.cursor = next;
      if (frame) this.sent(watched, frame, nowMs);
      if (complete) return;
      if (this.isFull()) {
        // It goes on where it is as soon as there is room.
        watched.dueMs = nowMs;
        this.blocked = true;
        return;
      }
    }
  }

  private refuse(key: string, watched: Watched, error: unknown): void {
    const code = errorCode(error) ?? 'COORDINATOR_REQUEST';
    if (watched.refused === code) return;
    watched.refused = code;
    const message = errorMessage(error).slice(0, 4000);
    this.send(encodeData({ kind: 'view.refused', topic: key, code, message }));
  }

  private sent(watched: Watched, frame: Uint8Array, nowMs: number): void {
    watched.refused = undefined;
    watched.dueMs = nowMs + SEAT_LIMITS.intervalMs;
    this.send(frame);
  }

  private send(frame: Uint8Array): void {
    this.viewer.send(frame).then(
      () => {
        if (this.blocked && !this.isFull()) this.drained();
      },
      // The connection is down: its owner learns it from `closed`.
      () => undefined,
    );
    this.mostQueuedBytes = Math.max(this.mostQueuedBytes, this.viewer.queuedBytes);
  }
}

function fresh(topic: Topic): Watched {
  return { topic, dueMs: 0, version: 0, cursor: FIRST_CURSOR, refused: undefined };
}
