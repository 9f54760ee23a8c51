import { decodeViewData } from '@espalier/protocol';
import { RunSeries } from './run-series';
import { FIRST_CURSOR, SeriesFeed } from './series-feed';

const KEY = 'aa'.repeat(32);

describe('a feed', () => {
  it('works out once what all lack who have seen the same, whenever they came', () => {
    const run = new RunSeries();
    const feed = new SeriesFeed({ kind: 'series', run: 'r1', names: ['*'], buckets: 16 });
    run.append({ key: KEY, series: [{ name: 'loss', x: [1], y: [3] }] });
    const early = feed.step(FIRST_CURSOR, run);
    expect(feed.step(FIRST_CURSOR, run).frame).toBe(early.frame);

    run.append({ key: KEY, series: [{ name: 'loss', x: [2], y: [2] }] });
    const late = feed.step(FIRST_CURSOR, run);
    const followed = feed.step(early.next, run);
    // One got a snapshot, the other what was new; from here on they are the same.
    expect(decodeViewData(late.frame as Uint8Array).bytes.byteLength).toBe(2 * 32);
    expect(decodeViewData(followed.frame as Uint8Array).header).toMatchObject({
      topic: 'series:r1',
      parts: [{ name: 'loss', reset: false, from: 0, count: 2, total: 2 }],
    });
    expect(followed.next).toBe(late.next);

    run.append({ key: KEY, series: [{ name: 'loss', x: [3], y: [1] }] });
    expect(feed.step(followed.next, run).frame).toBe(feed.step(late.next, run).frame);
  });

  it('has no message for who lacks nothing', () => {
    const run = new RunSeries();
    const feed = new SeriesFeed({ kind: 'series', run: 'r1', names: ['none'], buckets: 16 });
    run.append({ key: KEY, series: [{ name: 'loss', x: [1], y: [3] }] });
    expect(feed.step(FIRST_CURSOR, run)).toMatchObject({ frame: undefined, complete: true });
  });
});
