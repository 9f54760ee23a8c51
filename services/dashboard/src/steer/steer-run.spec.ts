import type { Fetch } from '../http/api';
import { criteriaFor, lastSteering, steerRun } from './steer-run';

function fetching(status: number, answer: unknown) {
  const calls: { path: string; method?: string; body?: unknown }[] = [];
  const fetch: Fetch = (path, init) => {
    const body = init?.body as string | undefined;
    calls.push({ path: String(path), method: init?.method, body: body && JSON.parse(body) });
    return Promise.resolve(new Response(JSON.stringify(answer), { status }));
  };
  return { fetch, calls };
}

describe('steering', () => {
  it('is a POST with what the wish needs', async () => {
    const { fetch, calls } = fetching(200, {});
    await steerRun('r1', { kind: 'pause' }, fetch);
    await steerRun('r1', { kind: 'undo', toRound: 3 }, fetch);
    await steerRun('r1', { kind: 'swap', criterion: { name: 'taylor', options: { batches: 5 } } }, fetch);
    expect(calls).toEqual([
      { path: '/api/runs/r1/pause', method: 'POST', body: {} },
      { path: '/api/runs/r1/undo', method: 'POST', body: { toRound: 3 } },
      {
        path: '/api/runs/r1/swap',
        method: 'POST',
        body: { criterion: { name: 'taylor', options: { batches: 5 } } },
      },
    ]);
  });

  it('that is refused says why', async () => {
    const { fetch } = fetching(409, { code: 'COORDINATOR_RUN_STATE', message: 'run r1 is done' });
    await expect(steerRun('r1', { kind: 'pause' }, fetch)).rejects.toMatchObject({
      status: 409,
      code: 'COORDINATOR_RUN_STATE',
      message: 'run r1 is done',
    });
  });

  it('knows the criteria of a run', async () => {
    const { fetch, calls } = fetching(200, { criteria: [{ name: 'magnitude' }] });
    expect(await criteriaFor('r1', fetch)).toEqual([{ name: 'magnitude' }]);
    expect(calls[0].path).toBe('/api/plugins/criteria?run=r1');
  });
});

it('the latest steering is found in the log', () => {
  const line = (seq: number, type: string) => ({ seq, at: seq * 1000, type, text: `line ${seq}` });
  expect(lastSteering([line(1, 'run.paused'), line(2, 'run.resumed'), line(3, 'stage.done')])).toEqual({
    what: 'resumed',
    text: 'line 2',
    at: 2000,
  });
  expect(lastSteering([line(1, 'stage.done')])).toBeUndefined();
});
