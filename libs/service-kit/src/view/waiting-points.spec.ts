import { encodeMessage, message, VIEW_LIMITS } from '@espalier/protocol';
import { thinned, WaitingPoints } from './waiting-points';

const steps = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);

function takeAll(points: WaitingPoints) {
  const messages = [];
  for (let series = points.take(); series.length > 0; series = points.take()) messages.push(series);
  return messages;
}

describe('points that wait', () => {
  it('come out as they came, by series', () => {
    const points = new WaitingPoints();
    points.add('loss', [1, 2], [0.5, 0.25]);
    points.add('kept', [0], [1]);
    points.add('loss', Float64Array.of(3), Float32Array.of(0.125));
    expect(points.size).toBe(4);
    expect(points.take()).toEqual([
      { name: 'loss', x: [1, 2, 3], y: [0.5, 0.25, 0.125] },
      { name: 'kept', x: [0], y: [1] },
    ]);
    expect([points.size, points.take()]).toEqual([0, []]);
  });

  it('are no step that was told before, no number that is none, and of no series that has no name', () => {
    const points = new WaitingPoints();
    points.add('loss', [5, 5, 4, 6, 7, 8.5, -1], [1, 2, 3, NaN, Infinity, 1, 1]);
    expect(points.take()).toEqual([{ name: 'loss', x: [5], y: [1] }]);
    points.add('loss', [5, 9], [7, 8]);
    points.add('a*b', [1], [1]);
    points.add('', [1], [1]);
    points.add('x'.repeat(161), [1], [1]);
    expect(points.take()).toEqual([{ name: 'loss', x: [9], y: [8] }]);
  });

  it('fill messages that the wire takes, however many series there are and however long their names', () => {
    const points = new WaitingPoints({ maxWaiting: 20_000, maxSeries: 5_000 });
    const names = steps(4_000).map((i) => `plugin/${'é'.repeat(100)}/${i}`);
    for (const name of names) points.add(name, [1, 2], [0.1, -0.2]);
    const messages = takeAll(points);
    for (const series of messages) {
      const body = { key: 'a'.repeat(64), seq: 0, series };
      expect(encodeMessage(message('points', body, { from: 'trainer-1' })).byteLength).toBeLessThan(
        64 * 1024,
      );
      const count = series.reduce((sum, { x }) => sum + x.length, 0);
      expect(count).toBeLessThanOrEqual(VIEW_LIMITS.maxPoints);
    }
    expect(messages.flat().filter(({ x }) => x.length > 0).length).toBeGreaterThanOrEqual(names.length);
  });

  it('are all of a message up to its 1,000', () => {
    const points = new WaitingPoints();
    points.add('loss', steps(1_700), new Float64Array(1_700));
    points.add('learningRate', steps(700), new Float64Array(700));
    expect(takeAll(points).map((series) => series.map(({ name, x }) => [name, x.length]))).toEqual([
      [['loss', 1_000]],
      [
        ['loss', 700],
        ['learningRate', 300],
      ],
      [['learningRate', 400]],
    ]);
  });

  it('become windows of least and greatest when too many wait, and no extreme is lost', () => {
    const points = new WaitingPoints({ maxWaiting: 400, maxSeries: 10 });
    const count = 100_000;
    const loss = steps(count).map((i) => Math.sin(i / 900));
    loss[777] = 9;
    loss[50_001] = -7;
    loss[count - 1] = 0.123;
    for (let i = 0; i < count; i++) {
      points.add('loss', [i], [loss[i]]);
      if (i % 5_000 === 0) points.add('error/heldOut', [i], [i === 35_000 ? 1 : 0.5]);
      expect(points.size).toBeLessThanOrEqual(400);
    }
    const series = points.take();
    const { x, y } = series[0];
    expect([Math.max(...y), Math.min(...y)]).toEqual([9, -7]);
    expect(x.every((step, i) => i === 0 || step > x[i - 1])).toBe(true);
    expect(y).toEqual(x.map((step) => loss[step]));
    expect([x.at(-1), y.at(-1)]).toEqual([count - 1, 0.123]);
    expect(Math.max(...series[1].y)).toBe(1);
  });

  it('stay bounded when there are more series than points may wait', () => {
    const points = new WaitingPoints({ maxWaiting: 100, maxSeries: 50 });
    for (let step = 0; step < 50; step++) {
      for (let n = 0; n < 200; n++) points.add(`plugin/mine/${n}`, [step], [n + step]);
    }
    expect(points.size).toBeLessThanOrEqual(50 * 3 + 1);
    expect(points.take()).toHaveLength(50);
  });
});

describe('thinning', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 9, 101])('%d points keeps the last, the least and the greatest', (count) => {
    const x = steps(count, 10);
    const y = x.map((step) => (step * 7919) % 101);
    const few = thinned(x, y);
    expect(few.x.length).toBeLessThanOrEqual(Math.max(count === 2 ? 2 : 3, count / 2 + 3));
    expect(few.y).toEqual(few.x.map((step) => y[step - 10]));
    expect(few.x.at(-1)).toBe(x.at(-1));
    expect([Math.min(...few.y), Math.max(...few.y)]).toEqual([Math.min(...y), Math.max(...y)]);
  });
});
