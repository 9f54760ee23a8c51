/**
 * What the page knows of the coordinator's state, topic by topic, and whether it is still true. One for the whole page. A topic is
 * asked for while somebody subscribes to it; what is known of it is kept a while longer, marked as stale.
 */
import { topicKey, type RunLine, type ServiceView, type Topic } from '@espalier/protocol/view';
import { BehaviorSubject, Observable, Subject, finalize, type Subscription } from 'rxjs';
import { applyPart, NO_BUCKETS, type SeriesColumns } from './series-columns';
import type { LinkEvent } from './view-link';
import { unionOfTopics } from './wanted-topics';

/** The connection, as a person is told of it. */
export interface LinkStatus {
  readonly state: 'opening' | 'open' | 'waiting';
  /** Since when it is not open; undefined while it is. */
  readonly downSince?: number;
  readonly problem?: string;
  /** The coordinator's clock minus ours, milliseconds. */
  readonly clockAheadMs: number;
}

/** What is known of a topic. */
export interface Known<Value> {
  readonly value?: Value;
  /** When it arrived, by our clock. */
  readonly at?: number;
  /** Nothing tells whether it is still so. */
  readonly stale: boolean;
  /** Why the coordinator does not show it. */
  readonly refused?: { readonly code: string; readonly message: string };
}

export type SeriesByName = ReadonlyMap<string, SeriesColumns>;

/** Topics that nobody wants any more and of which we still know something. */
const KEPT_UNWANTED = 8;

export interface LiveOptions {
  /** The connection: given what is wanted, and a signal that what came does not fit. */
  connect(topics$: Observable<readonly Topic[]>, broken$: Observable<void>): Observable<LinkEvent>;
  now?(): number;
}

export class Live {
  readonly #wanted = new Set<Topic>();
  readonly #topics = new BehaviorSubject<readonly Topic[]>([]);
  readonly #known = new Map<string, BehaviorSubject<Known<unknown>>>();
  readonly #status = new BehaviorSubject<LinkStatus>({ state: 'opening', clockAheadMs: 0 });
  readonly #broken = new Subject<void>();
  readonly #now: () => number;
  readonly #connect: LiveOptions['connect'];

  constructor({ connect, now = Date.now }: LiveOptions) {
    this.#connect = connect;
    this.#now = now;
  }

  /** Connects, until the subscription ends. */
  start(): Subscription {
    return this.#connect(this.#topics, this.#broken).subscribe((event) => this.#handle(event));
  }

  get status$(): Observable<LinkStatus> {
    return this.#status;
  }

  get runs$(): Observable<Known<readonly RunLine[]>> {
    return this.watch<readonly RunLine[]>({ kind: 'runs' });
  }

  get services$(): Observable<Known<readonly ServiceView[]>> {
    return this.watch<readonly ServiceView[]>({ kind: 'services' });
  }

  /** The topic's state now and whenever it changes; asked for while there is a subscriber. */
  watch<Value>(topic: Exclude<Topic, { kind: 'series' }>): Observable<Known<Value>> {
    return this.#watch<Value>(topic);
  }

  /** The series of a run that the names match; a name may end in `*`. */
  series(topic: Topic & { kind: 'series' }): Observable<Known<SeriesByName>> {
    return this.#watch<SeriesByName>(topic);
  }

  #watch<Value>(topic: Topic): Observable<Known<Value>> {
    return new Observable<Known<Value>>((subscriber) => {
      // An object of its own: the same topic may be wanted twice.
      const wish = { ...topic };
      const known = this.#subject(topicKey(topic));
      this.#wanted.add(wish);
      this.#topics.next(unionOfTopics(this.#wanted));
      return (known as Observable<Known<Value>>)
        .pipe(
          finalize(() => {
            this.#wanted.delete(wish);
            this.#topics.next(unionOfTopics(this.#wanted));
            // A component that wants another window of the same series unsubscribes first.
            queueMicrotask(() => this.#forget());
          }),
        )
        .subscribe(subscriber);
    });
  }

  #subject(key: string): BehaviorSubject<Known<unknown>> {
    const held = this.#known.get(key);
    if (held) return held;
    const made = new BehaviorSubject<Known<unknown>>({ stale: true });
    this.#known.set(key, made);
    return made;
  }

  /** What nobody wants any more is not kept up to date by the coordinator. */
  #forget(): void {
    const wanted = new Set(this.#topics.value.map(topicKey));
    const unwanted = [...this.#known].filter(([key]) => !wanted.has(key));
    for (const [, subject] of unwanted) markStale(subject);
    for (const [key] of unwanted.slice(0, Math.max(0, unwanted.length - KEPT_UNWANTED)))
      this.#known.delete(key);
  }

  #handle(event: LinkEvent): void {
    switch (event.kind) {
      case 'opening':
        return this.#status.next({ ...this.#status.value, state: 'opening' });
      case 'welcome': {
        // The time on the way makes it a little too small; ages are shown in seconds.
        const clockAheadMs = event.nowMs - this.#now();
        return this.#status.next({ state: 'open', clockAheadMs });
      }
      case 'closed': {
        const { downSince = this.#now(), clockAheadMs } = this.#status.value;
        const { problem } = event;
        for (const subject of this.#known.values()) markStale(subject);
        return this.#status.next({ state: 'waiting', downSince, clockAheadMs, ...(problem && { problem }) });
      }
      case 'state':
        return this.#known.get(event.topic)?.next({ value: event.value, at: this.#now(), stale: false });
      case 'series':
        return this.#applySeries(event);
      case 'refused': {
        const { code, message } = event;
        return this.#known.get(event.topic)?.next({ stale: false, refused: { code, message } });
      }
    }
  }

  #applySeries({ topic, parts, buckets }: LinkEvent & { kind: 'series' }): void {
    const subject = this.#known.get(topic);
    if (!subject) return;
    const held = subject.value.value as SeriesByName | undefined;
    const next = new Map(held);
    for (const [i, part] of parts.entries()) {
      const columns = applyPart(next.get(part.name) ?? NO_BUCKETS, part, buckets[i]);
      if (!columns) return this.#broken.next();
      next.set(part.name, columns);
    }
    subject.next({ value: next, at: this.#now(), stale: false });
  }
}

function markStale(subject: BehaviorSubject<Known<unknown>>): void {
  if (!subject.value.stale) subject.next({ ...subject.value, stale: true });
}
