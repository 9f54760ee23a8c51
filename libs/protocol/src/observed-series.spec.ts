import { decodeMessage, encodeMessage } from './envelope';
import { message } from './index';
import { observedSeries } from './observed-series';

const point = (series: string, x: number, y: number) => ({ kind: 'point', series, x, y });

describe('what an observer has published', () => {
  it('is series under the name of its plugin', () => {
    const observations = [
      point('sparsity', 0, 0.5),
      point('norm/fc1', 0, 2),
      { kind: 'table', title: 'layers', columns: ['a'], rows: [[1]] },
      point('sparsity', 10.4, 0.75),
    ];
    expect(observedSeries('@espalier/plugin-mine', observations)).toEqual([
      { name: 'plugin/@espalier/plugin-mine/sparsity', x: [0, 10], y: [0.5, 0.75] },
      { name: 'plugin/@espalier/plugin-mine/norm/fc1', x: [0], y: [2] },
    ]);
  });

  it('leaves out what no series can hold', () => {
    const observations = [
      point('a', 5, 1),
      point('a', 5, 2),
      point('a', 4, 3),
      point('a', -1, 1),
      point('a', 1e300, 1),
      { ...point('a', 6, 1), y: null },
      { ...point('a', 7, 1), series: 3 },
      null,
      'a',
      [1],
    ];
    expect(observedSeries('mine', observations)).toEqual([{ name: 'plugin/mine/a', x: [5], y: [1] }]);
  });

  it('has names that a message takes, whatever an observer calls its series', () => {
    const names = [
      'a*b',
      'x'.repeat(1_000),
      '\u4e00'.repeat(1_000),
      '\u0007bell',
      'half \ud83c of a pair',
      ...Array.from({ length: 2_000 }, (_, i) => `s${i}`),
    ];
    const series = observedSeries(
      'mine',
      names.map((name) => point(name, 1, 1)),
    );
    expect(series).toHaveLength(1_000);
    const body = { key: 'a'.repeat(64), seq: 0, series };
    expect(decodeMessage(encodeMessage(message('points', body, { from: 'cli' }))).body).toEqual(body);
    expect(series[2].name).toBe(`plugin/mine/${'\u4e00'.repeat(49)}`);
  });
});
