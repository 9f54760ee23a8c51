import { capacityFor, RunSeries, SERIES_LIMITS } from './run-series';

const A = 'aa'.repeat(32);
const B = 'bb'.repeat(32);
const C = 'cc'.repeat(32);

const tell = (run: RunSeries, key: string, name: string, points: readonly (readonly [number, number])[]) =>
  run.append({ key, series: [{ name, x: points.map(([x]) => x), y: points.map(([, y]) => y) }] });

const read = (run: RunSeries, name: string): [number, number][] => {
  const { x, last } = (run.get(name) as NonNullable<ReturnType<RunSeries['get']>>).buckets.columns();
  return [...x].map((value, i) => [value, last[i]]);
};

describe('the series of a run', () => {
  it('go on behind the stage before, with a gap between', () => {
    const run = new RunSeries();
    tell(run, A, 'loss', [
      [1, 5],
      [4, 4],
    ]);
    tell(run, B, 'loss', [
      [0, 3],
      [2, 2],
    ]);
    expect(run.stages()).toEqual([
      { key: A, base: 0, end: 4 },
      { key: B, base: 5, end: 7 },
    ]);
    expect(read(run, 'loss')).toEqual([
      [1, 5],
      [4, 4],
      [5, NaN],
      [5, 3],
      [7, 2],
    ]);
  });

  it('take a value once that comes twice, as after a restart of its service', () => {
    const run = new RunSeries();
    tell(run, A, 'loss', [
      [1, 5],
      [2, 4],
    ]);
    tell(run, A, 'loss', [
      [1, 5],
      [2, 4],
      [3, 3],
    ]);
    expect(read(run, 'loss')).toEqual([
      [1, 5],
      [2, 4],
      [3, 3],
    ]);
  });

  it('say that they must be read again when a stage before the last one tells something', () => {
    const run = new RunSeries();
    tell(run, A, 'loss', [[1, 5]]);
    tell(run, B, 'loss', [[1, 5]]);
    expect(tell(run, A, 'loss', [[2, 5]])).toBe(false);
  });

  it('are cut back to the stages that an undo leaves, and take the last one up again', () => {
    const run = new RunSeries();
    tell(run, A, 'loss', [[1, 5]]);
    tell(run, B, 'loss', [[0, 4]]);
    tell(run, B, 'kept', [[0, 0.5]]);
    tell(run, C, 'loss', [[0, 3]]);
    run.keep(new Set([A, B]));
    // Told already.
    tell(run, B, 'loss', [[0, 4]]);
    expect(read(run, 'loss')).toEqual([
      [1, 5],
      [2, NaN],
      [2, 4],
    ]);
    tell(run, C, 'loss', [[0, 3]]);
    expect(read(run, 'loss').slice(3)).toEqual([
      [3, NaN],
      [3, 3],
    ]);
    run.keep(new Set());
    expect([read(run, 'loss'), read(run, 'kept')]).toEqual([[], []]);
  });

  it('of an observer have its own steps, which move no stage', () => {
    const run = new RunSeries();
    const own = 'plugin/mine/seen';
    const observe = (...points: (readonly [number, number])[]) =>
      run.observe([{ name: own, x: points.map(([x]) => x), y: points.map(([, y]) => y) }]);
    tell(run, A, 'loss', [[4, 5]]);
    observe([1, 10], [900, 20]);
    // In a stage without figures.
    tell(run, C, own, [[901, 25]]);
    observe([1_000, 30]);
    tell(run, B, 'loss', [[0, 4]]);
    observe([1_001, 40]);
    expect(run.stages()).toEqual([
      { key: A, base: 0, end: 4 },
      { key: B, base: 5, end: 5 },
    ]);
    const all = [
      [1, 10],
      [900, 20],
      [1_000, 30],
      [1_001, 40],
    ];
    expect(read(run, own)).toEqual(all);
    // An observer that is started anew tells everything again.
    observe(...all.map(([x, y]) => [x, y + 1] as const));
    expect(read(run, own)).toEqual(all);
    run.keep(new Set([A]));
    expect([read(run, own), read(run, 'loss')]).toEqual([all, [[4, 5]]]);
  });

  it('of observers leave room for those of the run', () => {
    const run = new RunSeries();
    for (let i = 0; i < 2 * SERIES_LIMITS.observed; i++)
      run.observe([{ name: `plugin/mine/${i}`, x: [0], y: [i] }]);
    tell(run, A, 'loss', [[0, 1]]);
    expect(run.names()).toHaveLength(SERIES_LIMITS.observed + 1);
    expect(read(run, 'loss')).toEqual([[0, 1]]);
  });

  it('stay within their buckets, however many they are', () => {
    const run = new RunSeries();
    const names = Array.from({ length: SERIES_LIMITS.series + 10 }, (_, i) => `kept/layer${i}`);
    const x = Array.from({ length: 40 }, (_, i) => i);
    for (let stage = 0; stage < 20; stage++) {
      const key = String(stage).padStart(64, '0');
      for (const name of names) run.append({ key, series: [{ name, x, y: x }] });
    }
    expect(run.names()).toHaveLength(SERIES_LIMITS.series);
    const room = run.names().reduce((sum, name) => sum + (run.get(name)?.buckets.x.length ?? 0), 0);
    expect(room).toBeLessThanOrEqual(SERIES_LIMITS.series * SERIES_LIMITS.minBuckets);
  });

  it('have fewer buckets each the more they are', () => {
    expect([1, 64, 65, 1000, 2000, 2048, 4096].map(capacityFor)).toEqual([
      16_384, 16_384, 8_192, 1_024, 512, 512, 512,
    ]);
  });
});
