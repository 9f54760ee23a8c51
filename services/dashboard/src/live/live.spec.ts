import type { Topic } from '@espalier/protocol/view';
import { Subject, type Observable } from 'rxjs';
import { Live, type Known, type LinkStatus } from './live';
import type { LinkEvent } from './view-link';

function setUp() {
  const link$ = new Subject<LinkEvent>();
  const wanted: (readonly Topic[])[] = [];
  const broken: number[] = [];
  const clock = { ms: 1_000 };
  const live = new Live({
    now: () => clock.ms,
    connect: (topics$, broken$) => {
      topics$.subscribe((topics) => wanted.push(topics));
      broken$.subscribe(() => broken.push(clock.ms));
      return link$;
    },
  });
  const connection = live.start();
  return { live, link$, wanted, broken, clock, connection };
}

function collect<T>(known$: Observable<Known<T>>) {
  const seen: Known<T>[] = [];
  const subscription = known$.subscribe((known) => seen.push(known));
  return { seen, last: () => seen.at(-1) as Known<T>, end: () => subscription.unsubscribe() };
}

const RUN: Topic & { kind: 'run' } = { kind: 'run', run: 'r1' };
const LOSS: Topic & { kind: 'series' } = { kind: 'series', run: 'r1', names: ['loss'], buckets: 64 };
const part = (from: number, total: number) => [{ name: 'loss', reset: from === 0, from, count: 1, total }];
const bucket = (x: number) => {
  const column = Float64Array.of(x);
  return [{ x: column, min: column, max: column, last: column }];
};
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what the page knows', () => {
  it('is asked for while somebody wants it', () => {
    const { live, wanted } = setUp();
    const first = collect(live.watch(RUN));
    const second = collect(live.watch(RUN));
    expect(wanted.at(-1)).toEqual([RUN]);
    first.end();
    expect(wanted.at(-1)).toEqual([RUN]);
    second.end();
    expect(wanted.at(-1)).toEqual([]);
  });

  it('is stale until it arrives, and from when the connection ends until it arrives again', () => {
    const { live, link$, clock } = setUp();
    const run = collect(live.watch<string>(RUN));
    expect(run.last()).toEqual({ stale: true });
    link$.next({ kind: 'state', topic: 'run:r1', value: 'a' });
    expect(run.last()).toEqual({ value: 'a', at: 1_000, stale: false });
    clock.ms = 2_000;
    link$.next({ kind: 'closed', retryInMs: 250 });
    expect(run.last()).toEqual({ value: 'a', at: 1_000, stale: true });
    link$.next({ kind: 'welcome', session: 's2', nowMs: 2_000 });
    expect(run.last().stale).toBe(true);
    link$.next({ kind: 'state', topic: 'run:r1', value: 'b' });
    expect(run.last()).toEqual({ value: 'b', at: 2_000, stale: false });
  });

  it('says since when there is no connection, and how far the clocks are apart', () => {
    const { live, link$, clock } = setUp();
    let status: LinkStatus | undefined;
    live.status$.subscribe((value) => (status = value));
    link$.next({ kind: 'welcome', session: 's1', nowMs: 1_500 });
    expect(status).toEqual({ state: 'open', clockAheadMs: 500 });
    clock.ms = 3_000;
    link$.next({ kind: 'closed', retryInMs: 250 });
    link$.next({ kind: 'opening' });
    clock.ms = 4_000;
    link$.next({ kind: 'closed', retryInMs: 500, problem: 'no message' });
    expect(status).toMatchObject({ state: 'waiting', downSince: 3_000, problem: 'no message' });
  });

  it('has each point of a series once, also after a reconnect', () => {
    const { live, link$, broken } = setUp();
    const series = collect(live.series(LOSS));
    link$.next({ kind: 'series', topic: 'series:r1', parts: part(0, 1), buckets: bucket(1) });
    link$.next({ kind: 'series', topic: 'series:r1', parts: part(1, 2), buckets: bucket(2) });
    expect(series.last().value?.get('loss')?.x).toEqual(Float64Array.of(1, 2));
    link$.next({ kind: 'closed', retryInMs: 250 });
    link$.next({ kind: 'series', topic: 'series:r1', parts: part(0, 1), buckets: bucket(1) });
    link$.next({ kind: 'series', topic: 'series:r1', parts: part(1, 2), buckets: bucket(2) });
    expect(series.last().value?.get('loss')?.x).toEqual(Float64Array.of(1, 2));
    expect(broken).toEqual([]);
  });

  it('is asked for anew when a part does not fit', () => {
    const { live, link$, broken } = setUp();
    const series = collect(live.series(LOSS));
    link$.next({ kind: 'series', topic: 'series:r1', parts: part(5, 6), buckets: bucket(6) });
    expect(broken).toEqual([1_000]);
    expect(series.last().value).toBeUndefined();
  });

  it('says why something is not shown', () => {
    const { live, link$ } = setUp();
    const run = collect(live.watch(RUN));
    link$.next({ kind: 'refused', topic: 'run:r1', code: 'COORDINATOR_NO_RUN', message: 'there is none' });
    expect(run.last().refused).toEqual({ code: 'COORDINATOR_NO_RUN', message: 'there is none' });
  });

  it('is stale when nobody has wanted it for a while, and there at once', async () => {
    const { live, link$ } = setUp();
    const first = collect(live.watch<string>(RUN));
    link$.next({ kind: 'state', topic: 'run:r1', value: 'a' });
    first.end();
    await settled();
    expect(collect(live.watch<string>(RUN)).last()).toEqual({ value: 'a', at: 1_000, stale: true });
  });

  it('stays fresh for who only wants another window of it', async () => {
    const { live, link$ } = setUp();
    const first = collect(live.series(LOSS));
    link$.next({ kind: 'series', topic: 'series:r1', parts: part(0, 1), buckets: bucket(1) });
    first.end();
    const second = collect(live.series({ ...LOSS, from: 10 }));
    await settled();
    expect(second.last().stale).toBe(false);
  });
});
