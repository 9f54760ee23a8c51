import { foldRun, type RunState } from './fold-run';
import type { RunEvent, RunEventInput } from './run-events';

const WIRE = { dense: 0, masked: 0, had: 0, overhead: 0 };

function log(...inputs: RunEventInput[]): RunEvent[] {
  return inputs.map((input, i) => ({ ...input, seq: i + 1, at: 1000 + i }));
}

const created: RunEventInput = {
  type: 'run.created',
  fields: { recipe: { name: 'a' }, dataUrls: ['ws://cli'] },
};

function started(key: string, leaseId = `lease-${key}`): RunEventInput {
  const fields = { key, title: key, service: 'trainer', serviceId: 'trainer-1', leaseId, attempt: 1 };
  return { type: 'stage.started', fields };
}

function done(key: string): RunEventInput {
  const spec = { kind: 'train', algorithm: 1, config: {}, seed: 1, inputs: {} } as const;
  const result = { outputs: {}, metrics: {} };
  const fields = {
    key,
    title: key,
    spec,
    result,
    service: 'trainer',
    serviceId: 'trainer-1',
    wire: WIRE,
    seconds: 1,
    cached: false,
  };
  return { type: 'stage.done', fields };
}

function failed(key: string, again = true): RunEventInput {
  const fields = { key, title: key, service: 'trainer', code: 'TRANSPORT_GONE', message: 'gone', again };
  return { type: 'stage.failed', fields };
}

function fold(...inputs: RunEventInput[]): RunState {
  return foldRun('run-1', log(...inputs)) as RunState;
}

describe('the state of a run', () => {
  it('is nothing before run.created', () => {
    expect(foldRun('run-1', log(started('a')))).toBeUndefined();
  });

  it('is queued at first and running from its first stage', () => {
    expect(fold(created)).toMatchObject({ status: 'queued', finished: [], seq: 1, createdAt: 1000 });
    expect(fold(created, started('a'))).toMatchObject({
      status: 'running',
      current: { key: 'a', startedAt: 1001 },
    });
  });

  it('lists the finished stages in order, with none current', () => {
    const state = fold(created, started('a'), done('a'), started('b'), done('b'));
    expect(state.finished.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(state.current).toBeUndefined();
  });

  it('counts the failures of one stage in a row, and forgets them when it succeeds', () => {
    const twice = fold(created, started('a'), failed('a'), started('a'), failed('a'));
    expect(twice.retries).toEqual({ key: 'a', count: 2, lastAt: 1004 });
    expect(twice.status).toBe('running');
    expect(fold(created, started('a'), failed('a'), started('a'), done('a')).retries).toBeUndefined();
  });

  it('keeps only the stages up to the round that it was undone to, and goes on', () => {
    const undo: RunEventInput = {
      type: 'run.undone',
      fields: { toRound: 0, kept: 1, recipe: { name: 'b' } },
    };
    const finish: RunEventInput = { type: 'run.done', fields: { report: { final: 1 } } };
    const state = fold(created, started('a'), done('a'), started('b'), done('b'), finish, undo);
    expect(state.finished.map(({ key }) => key)).toEqual(['a']);
    expect(state).toMatchObject({ status: 'running', recipe: { name: 'b' } });
    expect(state.report).toBeUndefined();
  });

  it('forgets its failure when it is resumed', () => {
    const failure: RunEventInput = { type: 'run.failed', fields: { code: 'X', message: 'broken' } };
    expect(fold(created, started('a'), failure)).toMatchObject({ status: 'failed', failure: { code: 'X' } });
    const resumed = fold(created, started('a'), failure, {
      type: 'run.resumed',
      fields: { dataUrls: ['ws://new'] },
    });
    expect(resumed).toMatchObject({ status: 'running', dataUrls: ['ws://new'] });
    expect(resumed.failure).toBeUndefined();
  });

  it('does not change by an event that comes twice', () => {
    const events = log(created, started('a'), done('a'));
    expect(foldRun('run-1', [...events, events[2]])).toEqual(foldRun('run-1', events));
  });
});
