import { unionOfTopics } from './wanted-topics';

describe('the union of wanted topics', () => {
  it('names each topic once', () => {
    const topics = unionOfTopics([
      { kind: 'runs' },
      { kind: 'run', run: 'a' },
      { kind: 'runs' },
      { kind: 'run', run: 'b' },
    ]);
    expect(topics).toEqual([{ kind: 'run', run: 'a' }, { kind: 'run', run: 'b' }, { kind: 'runs' }]);
  });

  it('does not depend on the order of wishes', () => {
    const wishes = [
      { kind: 'series', run: 'a', names: ['loss', 'kept/*'], buckets: 512 },
      { kind: 'runs' },
      { kind: 'series', run: 'a', names: ['error/*', 'loss'], buckets: 1024 },
    ] as const;
    const topics = wishes.map((wish) => ('names' in wish ? { ...wish, names: [...wish.names] } : wish));
    expect(unionOfTopics(topics)).toEqual(unionOfTopics([...topics].reverse()));
    expect(unionOfTopics(topics)[1]).toEqual({
      kind: 'series',
      run: 'a',
      names: ['error/*', 'kept/*', 'loss'],
      buckets: 1024,
    });
  });

  it('has a window only where everybody is content with one', () => {
    const series = { kind: 'series' as const, run: 'a', names: ['loss'], buckets: 64 };
    const windows = (...list: { from?: number; to?: number }[]) =>
      unionOfTopics(list.map((window) => ({ ...series, ...window })))[0];
    expect(windows({ from: 5, to: 9 }, { from: 7, to: 20 })).toMatchObject({ from: 5, to: 20 });
    expect(windows({ from: 5, to: 9 }, {})).toEqual(series);
  });
});
