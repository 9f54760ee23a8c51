import { Observable, NEVER, concat, filter, map } from 'rxjs';
import type { Observation, ObserverDefinition } from '../observer';
import { failedChecks, problemsOf } from './failed-checks';

const errors: ObserverDefinition['observe'] = (events$) =>
  events$.pipe(
    filter(({ type, fields }) => type === 'stage.progress' && typeof fields['loss'] === 'number'),
    map(({ fields }, x): Observation => ({ kind: 'point', series: 'loss', x, y: Number(fields['loss']) })),
  );
const failedBy = (observe: ObserverDefinition['observe']): Promise<string[]> =>
  failedChecks({ observers: { tried: { observe } } });

const VALID = 'publishes points and tables only, with finite numbers and rows as wide as the columns';

describe('checks of an observer', () => {
  it('pass for one that draws the loss', async () => {
    expect(await failedBy(errors)).toEqual([]);
  });

  it('find an answer that never completes', async () => {
    const observe: ObserverDefinition['observe'] = (events$, context) =>
      concat(errors(events$, context), NEVER);
    expect((await problemsOf({ observers: { tried: { observe } } }))[0]).toContain(
      'there was no answer within',
    );
  });

  it('find points that are not numbers and rows that are too short', async () => {
    const always =
      (observation: unknown): ObserverDefinition['observe'] =>
      (events$) =>
        events$.pipe(map(() => observation as Observation));
    expect(await failedBy(always({ kind: 'point', series: 'loss', x: 0, y: NaN }))).toEqual([VALID]);
    expect(await failedBy(always({ kind: 'table', title: 't', columns: ['a', 'b'], rows: [['x']] }))).toEqual(
      [VALID],
    );
    expect(await failedBy(always({ kind: 'picture' }))).toEqual([VALID]);
  });

  it('find an error on an event that it does not know, and a subscription that outlives its listener', async () => {
    const strict = await failedBy((events$) =>
      events$.pipe(
        map(({ type }) => {
          if (!type.startsWith('run.') && !type.startsWith('stage.')) throw new Error(`unknown ${type}`);
          return { kind: 'point', series: 's', x: 0, y: 0 } as const;
        }),
      ),
    );
    expect(strict).toContain('completes after the events have ended');
    const leaking = await failedBy(
      (events$) =>
        new Observable((subscriber) => {
          events$.subscribe({ complete: () => subscriber.complete() });
        }),
    );
    expect(leaking).toEqual(['ends when nobody listens any more']);
  });
});
