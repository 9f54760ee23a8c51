import { emptyView, keptShare, updateView, type RunEvent, type RunView } from './run-view';

const T0 = 1_000_000;

function view(...events: readonly RunEvent[]): RunView {
  return events.reduce(updateView, emptyView(T0));
}

function event(type: string, fields: RunEvent['fields'] = {}, seconds = 0): RunEvent {
  return { type, at: T0 + seconds * 1000, fields };
}

const layers = [
  { name: 'fc1', weights: 1000, kept: 20 },
  { name: 'fc2', weights: 1000, kept: 180 },
];

describe('run view', () => {
  it('shows the running stage with its latest figures', () => {
    const shown = view(
      event('run.created', { recipe: { name: 'lenet-300-100' } }),
      event('stage.started', { title: 'train', service: 'trainer' }, 1),
      event('stage.progress', { epoch: 1, epochs: 30, loss: 0.9 }, 2),
      event('stage.progress', { epoch: 2, epochs: 30, heldOutError: 0.03, heldOutLoss: 0.1 }, 3),
      event('stage.progress', { epoch: 2.5, epochs: 30, loss: 0.5, nonsense: 'x' }, 4),
    );
    expect(shown.name).toBe('lenet-300-100');
    expect(shown.stage).toEqual({
      title: 'train',
      service: 'trainer',
      startedAt: T0 + 1000,
      epoch: 2.5,
      epochs: 30,
      loss: 0.5,
      error: 0.03,
    });
  });

  it('keeps what a finished stage came to, and its layers', () => {
    const shown = view(
      event('stage.started', { title: 'prune 1' }),
      event('stage.layers', { layers }),
      event('stage.done', {
        title: 'prune 1',
        seconds: 0.5,
        cached: false,
        result: { metrics: { error: 0.02 } },
      }),
    );
    expect(shown.stage).toBeUndefined();
    expect(shown.layers).toEqual(layers);
    expect(shown.done).toEqual([
      { title: 'prune 1', seconds: 0.5, cached: false, error: 0.02, keptShare: 0.1 },
    ]);
  });

  it('goes back to the end of a round when that is what an undo says', () => {
    const done = (title: string): RunEvent => event('stage.done', { title, seconds: 1 });
    const stages = [
      'train',
      'sensitivity',
      'prune 1',
      'retrain 1',
      'prune 2',
      'retrain 2',
      'share',
      'encode',
    ];
    const before = stages.map(done);
    const left = (round: number): string[] =>
      view(...before, event('run.undone', { toRound: round })).done.map(({ title }) => title);
    expect(left(0)).toEqual(['train', 'sensitivity']);
    expect(left(1)).toEqual(['train', 'sensitivity', 'prune 1', 'retrain 1']);
    expect(left(2)).toEqual(stages.slice(0, 6));
  });

  it('has how far a stage is, with the points that it tells in between', () => {
    const before = [event('stage.started', { title: 'sensitivity' })];
    const measured = event('stage.measured', { title: 'sensitivity', layer: 'fc1', keep: 0.5, error: 0.03 });
    const shown = view(...before, measured, event('stage.progress', { step: 1, steps: 6 }));
    expect(shown.stage).toMatchObject({ title: 'sensitivity', step: 1, steps: 6 });
    expect(shown.stage).not.toHaveProperty('error');
  });

  it('follows the state of the run, and forgets a problem that was overcome', () => {
    expect(view(event('stage.started')).status).toBe('running');
    expect(view(event('run.paused')).status).toBe('paused');
    expect(view(event('run.stopped')).status).toBe('stopped');
    const failed = view(event('run.failed', { code: 'X', message: 'broken' }));
    expect([failed.status, failed.problem]).toEqual(['failed', 'broken']);
    expect(updateView(failed, event('run.resumed')).problem).toBeUndefined();
  });

  it('is not changed by an event that it does not know', () => {
    const before = view(event('stage.started', { title: 'train' }));
    expect(updateView(before, event('plugin.something', { title: 'x' }))).toBe(before);
  });

  it('knows no kept share without layers', () => {
    expect(keptShare([])).toBeUndefined();
  });
});
