/** All viewers, and when it is whose turn. Changes of one moment are one turn; nobody is asked who has nothing due. */
import type { Clock } from '@espalier/base';
import { topicKey, type Topic } from '@espalier/protocol';
import type { Viewer } from '@espalier/transport';
import { ViewerSeat, type SeatSources } from './viewer-seat';

export interface SeatTimers {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Calls back after so many milliseconds; returns how to take it back. */
  after(ms: number, call: () => void): () => void;
}

/** A viewer, for who looks after the coordinator. */
export interface ViewerLine {
  readonly remote: string;
  readonly topics: readonly string[];
  /** That its socket holds, and held at most. */
  readonly queuedBytes: number;
  readonly mostQueuedBytes: number;
}

export const systemTimers = (clock: Pick<Clock, 'monotonicMs'>): SeatTimers => ({
  clock,
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
});

export class Seats {
  private readonly sources: SeatSources;
  private readonly timers: SeatTimers;
  private readonly seats = new Map<ViewerSeat, Viewer>();
  private takeBack: (() => void) | undefined;
  private turnAtMs = Infinity;

  constructor(sources: SeatSources, timers: SeatTimers) {
    this.sources = sources;
    this.timers = timers;
  }

  /** Until it is closed. Must be called in the turn in which the viewer comes. */
  add(viewer: Viewer): void {
    const seat = new ViewerSeat(viewer, this.sources, () => this.changed());
    this.seats.set(seat, viewer);
    viewer.onWatch = ({ topics }) => {
      seat.watch(topics);
      this.changed();
    };
    void viewer.closed.then(() => this.seats.delete(seat));
  }

  /** Something that somebody may watch is not what it was. */
  changed(): void {
    if (this.seats.size > 0) this.turnAt(this.timers.clock.monotonicMs());
  }

  /** Who is watching, and what waits for it. */
  list(): readonly ViewerLine[] {
    return [...this.seats].map(([seat, { remote, queuedBytes }]) => ({
      remote,
      topics: seat.topics().map(topicKey),
      queuedBytes,
      mostQueuedBytes: seat.mostQueuedBytes,
    }));
  }

  isWatched(matches: (topic: Topic) => boolean): boolean {
    for (const seat of this.seats.keys()) if (seat.topics().some(matches)) return true;
    return false;
  }

  close(): void {
    this.takeBack?.();
    this.takeBack = undefined;
    this.turnAtMs = Infinity;
    this.seats.clear();
  }

  private turnAt(atMs: number): void {
    if (atMs >= this.turnAtMs) return;
    this.takeBack?.();
    this.turnAtMs = atMs;
    this.takeBack = this.timers.after(Math.max(0, Math.ceil(atMs - this.timers.clock.monotonicMs())), () => {
      this.takeBack = undefined;
      this.turnAtMs = Infinity;
      this.turn();
    });
  }

  private turn(): void {
    const nowMs = this.timers.clock.monotonicMs();
    for (const seat of this.seats.keys()) {
      const next = seat.turn(nowMs);
      if (next !== undefined) this.turnAt(next);
    }
  }
}
