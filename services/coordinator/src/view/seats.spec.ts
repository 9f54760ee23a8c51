import { decodeViewData, type Topic, type ViewDataMessage } from '@espalier/protocol';
import type { Viewer } from '@espalier/transport';
import { Seats } from './seats';
import { RunSeries } from './series/run-series';
import { SeriesFeed } from './series/series-feed';
import { StateTopic } from './state-topic';
import { SEAT_LIMITS } from './viewer-seat';

const KEY = 'aa'.repeat(32);

/** Time that passes when the test says so. */
class Timers {
  nowMs = 0;
  private readonly calls = new Map<() => void, number>();
  readonly clock = { monotonicMs: () => this.nowMs };

  after(ms: number, call: () => void): () => void {
    this.calls.set(call, this.nowMs + ms);
    return () => this.calls.delete(call);
  }

  pass(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.calls].filter(([, at]) => at <= end).sort((a, b) => a[1] - b[1]);
      if (!next) break;
      this.nowMs = Math.max(this.nowMs, next[1]);
      this.calls.delete(next[0]);
      next[0]();
    }
    this.nowMs = end;
  }
}

/** A socket that passes on at once what it is sent, or holds it. */
class FakeSocket {
  readonly received: ViewDataMessage[] = [];
  isOpen = true;
  queuedBytes = 0;
  holds = false;
  private release: (() => void)[] = [];
  readonly remote = 'test';
  readonly closed = new Promise<never>(() => undefined);
  onWatch: Viewer['onWatch'] = () => undefined;

  async send(frame: Uint8Array): Promise<void> {
    if (this.holds) {
      this.queuedBytes += frame.byteLength;
      await new Promise<void>((resolve) => this.release.push(resolve));
      this.queuedBytes -= frame.byteLength;
    }
    this.received.push(decodeViewData(frame));
  }

  /** Reads again: what it held arrives, one after the other. */
  async drain(): Promise<void> {
    this.holds = false;
    for (const release of this.release.splice(0)) {
      release();
      await Promise.resolve();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  close(): void {
    this.isOpen = false;
  }
}

function setup() {
  const timers = new Timers();
  const series = new RunSeries();
  const feeds = new Map<string, SeriesFeed>();
  let value = 0;
  const topic = new StateTopic('runs', () => [value]);
  const seats = new Seats(
    {
      state: () => topic,
      feed: (wanted) => {
        const key = JSON.stringify(wanted);
        const feed = feeds.get(key) ?? new SeriesFeed(wanted);
        feeds.set(key, feed);
        return feed;
      },
      series: () => series,
    },
    timers,
  );
  const sit = (topics: Topic[]): FakeSocket => {
    const socket = new FakeSocket();
    seats.add(socket);
    socket.onWatch({ topics });
    return socket;
  };
  const set = (to: number): void => {
    value = to;
    topic.touch();
    seats.changed();
  };
  const tell = (name: string, x: number[], y: number[] = x): void => {
    series.append({ key: KEY, series: [{ name, x, y }] });
    seats.changed();
  };
  return { timers, sit, set, tell, seats, series };
}

const values = ({ received }: FakeSocket): unknown[] =>
  received.map(({ bytes }) => (JSON.parse(new TextDecoder().decode(bytes)) as unknown[])[0]);

const SERIES: Topic = { kind: 'series', run: 'r1', names: ['*'], buckets: 512 };

describe('a seat', () => {
  it('gets the first state at once, and then the latest ten times a second', () => {
    const { timers, sit, set } = setup();
    const socket = sit([{ kind: 'runs' }]);
    timers.pass(0);
    expect(values(socket)).toEqual([0]);
    for (let i = 1; i <= 95; i++) {
      set(i);
      timers.pass(10);
    }
    timers.pass(100);
    expect(values(socket).length).toBeLessThanOrEqual(11);
    expect(values(socket).at(-1)).toBe(95);
  });

  it('gets nothing when nothing has changed', () => {
    const { timers, sit, set } = setup();
    const socket = sit([{ kind: 'runs' }]);
    timers.pass(0);
    set(0);
    timers.pass(1000);
    expect(values(socket)).toEqual([0]);
  });

  it('that does not read is sent no more than its socket may hold, and the latest when it reads again', async () => {
    const { timers, sit, tell, seats } = setup();
    const names = Array.from({ length: 300 }, (_, i) => `s${i}`);
    const steps = Array.from({ length: 512 }, (_, i) => i);
    for (const name of names) tell(name, steps);
    const slow = sit([SERIES]);
    slow.holds = true;
    for (let round = 0; round < 50; round++) {
      for (const name of names) tell(name, [512 + round], [round]);
      timers.pass(100);
    }
    const [{ mostQueuedBytes }] = seats.list();
    expect(mostQueuedBytes).toBeGreaterThan(SEAT_LIMITS.queuedBytes);
    expect(mostQueuedBytes).toBeLessThan(1024 * 1024);
    for (let i = 0; i < 100; i++) {
      await slow.drain();
      timers.pass(100);
    }
    const sent = new Set(
      slow.received.flatMap(({ header }) => ('parts' in header ? header.parts.map(({ name }) => name) : [])),
    );
    expect(sent.size).toBe(300);
    // A reader of now is given the same end.
    const fresh = sit([SERIES]);
    for (let i = 0; i < 20; i++) timers.pass(100);
    const totals = (socket: FakeSocket): Map<string, number> =>
      new Map(
        socket.received.flatMap(({ header }) =>
          'parts' in header ? header.parts.map(({ name, total }) => [name, total] as const) : [],
        ),
      );
    await new Promise((resolve) => setImmediate(resolve));
    expect(totals(slow)).toEqual(totals(fresh));
  });

  it('that changes what it watches keeps what it has of the rest', () => {
    const { timers, sit, tell } = setup();
    const socket = sit([SERIES]);
    tell('loss', [1, 2]);
    timers.pass(200);
    socket.onWatch({ topics: [{ kind: 'runs' }, SERIES] });
    timers.pass(200);
    tell('loss', [3]);
    timers.pass(200);
    const parts = socket.received.flatMap(({ header }) => ('parts' in header ? header.parts : []));
    expect(parts.map(({ reset }) => reset)).toEqual([true, false]);
    socket.onWatch({ topics: [{ ...SERIES, buckets: 16 } as Topic] });
    timers.pass(200);
    expect(socket.received.at(-1)?.header).toMatchObject({ parts: [{ reset: true, total: 3 }] });
  });
});
