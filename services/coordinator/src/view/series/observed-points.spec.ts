import type { RunEvent } from '../../run-events';
import { observedPoints } from './observed-points';

const event = (type: string, fields: object = {}): RunEvent =>
  ({ type, fields, seq: 1, at: 1 }) as unknown as RunEvent;
const done = event('stage.done');
const undone = (kept: number): RunEvent => event('run.undone', { toRound: 0, kept });
const told = (x: number): RunEvent =>
  event('run.observed', {
    plugin: 'mine',
    observer: 'watch',
    observations: [{ kind: 'point', series: 's', x, y: x }],
  });

const steps = (events: readonly RunEvent[]): number[] =>
  observedPoints(events).flatMap((series) => series.flatMap(({ x }) => x));

it('what observers told is in the order of the log, without what an undo took back', () => {
  const course = [told(1), done, told(2), told(3), done, told(4), done, told(5)];
  expect(steps(course)).toEqual([1, 2, 3, 4, 5]);
  expect(steps([...course, undone(2)])).toEqual([1, 2, 3]);
  // The next stage is the same one as before: nothing comes back with it.
  expect(steps([...course, undone(1), told(7), done])).toEqual([1, 7]);
  expect(steps([...course, undone(1), told(7), done, told(8), undone(1)])).toEqual([1]);
  expect(steps([...course, undone(0)])).toEqual([]);
});

it('what has no points has no series', () => {
  const table = { kind: 'table', title: 't', columns: ['a'], rows: [[1]] };
  const fields = { plugin: 'mine', observer: 'watch', observations: [table] };
  expect(observedPoints([event('run.observed', fields)])).toEqual([]);
});
