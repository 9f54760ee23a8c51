import fc from 'fast-check';
import { RunSeries } from './run-series';
import { matchingNames, nextStep, NOTHING_SEEN, type SeriesCursor, type SeriesTopic } from './series-cursor';

const KEYS = ['aa', 'bb', 'cc', 'dd'].map((pair) => pair.repeat(32));
const topicOf = (fields: Partial<SeriesTopic> = {}): SeriesTopic => ({
  kind: 'series',
  run: 'r1',
  names: ['*'],
  buckets: 16,
  ...fields,
});

type Rows = number[][];

/** What a page does with the messages. */
class Page {
  readonly series = new Map<string, Rows>();
  cursor: SeriesCursor = NOTHING_SEEN;
  messages = 0;

  /** Takes messages until nothing is lacking. */
  catchUp(run: RunSeries, topic: SeriesTopic): void {
    const names = matchingNames(run.names(), topic.names);
    for (;;) {
      const { parts, values, next, complete } = nextStep(this.cursor, run, { topic, names });
      let at = 0;
      for (const { name, reset, from, count, total } of parts) {
        const kept = reset ? [] : (this.series.get(name) ?? []).slice(0, from);
        for (let i = 0; i < count; i++) {
          kept.push([0, 1, 2, 3].map((column) => values[at + column * count + i]));
        }
        at += 4 * count;
        expect(kept).toHaveLength(total);
        this.series.set(name, kept);
      }
      this.cursor = next;
      this.messages++;
      if (complete) return;
    }
  }
}

interface Told {
  readonly stage: number;
  readonly steps: number;
  readonly ys: readonly number[];
}

const told: fc.Arbitrary<Told[]> = fc.array(
  fc.record({
    stage: fc.nat(KEYS.length - 1),
    steps: fc.integer({ min: 1, max: 60 }),
    ys: fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 1, maxLength: 5 }),
  }),
  { minLength: 1, maxLength: 40 },
);

/** Calls back after each message of a made-up run: stages in order, now and then cut back. */
function replay(script: readonly Told[], each: (run: RunSeries) => void): RunSeries {
  const run = new RunSeries();
  let stage = 0;
  let step = 0;
  for (const { stage: wanted, steps, ys } of script) {
    if (wanted < stage) run.keep(new Set(KEYS.slice(0, wanted)));
    if (wanted !== stage) step = 0;
    stage = wanted;
    const x = Array.from({ length: steps }, () => ++step);
    const y = x.map((value) => ys[value % ys.length]);
    run.append({ key: KEYS[stage], series: [{ name: stage % 2 ? 'b' : 'a', x, y }] });
    each(run);
  }
  return run;
}
describe('a cursor', () => {
  it.each([topicOf(), topicOf({ from: 30, to: 120 }), topicOf({ buckets: 1024 }), topicOf({ names: ['a'] })])(
    'brings a page that follows to what one that comes late is given: %j',
    (topic) => {
      fc.assert(
        fc.property(told, (script) => {
          const following = new Page();
          const run = replay(script, (now) => following.catchUp(now, topic));
          const late = new Page();
          late.catchUp(run, topic);
          expect(following.series).toEqual(late.series);
          expect(following.cursor.seen).toEqual(late.cursor.seen);
        }),
      );
    },
  );

  it('gives at most as many buckets as were asked for, with every extreme of the series', () => {
    fc.assert(
      fc.property(told, (script) => {
        const page = new Page();
        const run = replay(script, () => undefined);
        page.catchUp(run, topicOf());
        for (const [name, rows] of page.series) {
          expect(rows.length).toBeLessThanOrEqual(16);
          const { min, max } = (run.get(name) as NonNullable<ReturnType<RunSeries['get']>>).buckets.columns();
          const least = (values: Iterable<number>): number =>
            Math.min(...[...values].filter((value) => !Number.isNaN(value)));
          expect(least(rows.map((row) => row[1]))).toBe(least(min));
          expect(least(rows.map((row) => -row[2]))).toBe(least(max.map((value) => -value)));
        }
      }),
    );
  });

  it('lacks nothing when nothing has changed', () => {
    const run = new RunSeries();
    run.append({ key: KEYS[0], series: [{ name: 'a', x: [1], y: [1] }] });
    const page = new Page();
    page.catchUp(run, topicOf());
    const { parts, complete } = nextStep(page.cursor, run, { topic: topicOf(), names: ['a'] });
    expect([parts, complete]).toEqual([[], true]);
  });

  it('spreads many series over several messages, each of which fits a socket', () => {
    const run = new RunSeries();
    const x = Array.from({ length: 600 }, (_, i) => i);
    for (let i = 0; i < 300; i++) run.append({ key: KEYS[0], series: [{ name: `s${i}`, x, y: x }] });
    const topic = topicOf({ buckets: 1024 });
    const { values, complete } = nextStep(NOTHING_SEEN, run, { topic, names: run.names() });
    expect(complete).toBe(false);
    expect(values.byteLength).toBeLessThan(320 * 1024);
    const page = new Page();
    page.catchUp(run, topic);
    expect([page.series.size, page.messages > 10]).toEqual([300, true]);
  });
});

describe('names', () => {
  it('match exactly, or by their beginning', () => {
    const names = ['loss', 'kept', 'kept/fc1', 'error/train'];
    expect(matchingNames(names, ['loss', 'kept/*'])).toEqual(['loss', 'kept/fc1']);
    expect(matchingNames(names, ['*'])).toEqual(names);
    expect(matchingNames(names, ['kep'])).toEqual([]);
  });
});
