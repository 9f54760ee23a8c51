import { Latest } from './latest';

describe('the latest wish', () => {
  it('is carried out when the one before is done; those in between are dropped', async () => {
    const done: number[] = [];
    const open: (() => void)[] = [];
    const latest = new Latest<number>(async (wish) => {
      await new Promise<void>((resolve) => open.push(resolve));
      done.push(wish);
    });
    for (const wish of [1, 2, 3]) latest.want(wish);
    open[0]();
    await new Promise(setImmediate);
    expect([done, open.length]).toEqual([[1], 2]);
    open[1]();
    await new Promise(setImmediate);
    expect(done).toEqual([1, 3]);
    latest.want(4);
    open[2]();
    await new Promise(setImmediate);
    expect(done).toEqual([1, 3, 4]);
  });
});
