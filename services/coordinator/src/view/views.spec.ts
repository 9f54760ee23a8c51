/** Real sockets: a service that tells, viewers that watch, a coordinator between them that is started anew. */
import type { JsonValue } from '@espalier/base';
import {
  message,
  type LayerView,
  type RunLine,
  type RunView,
  type ServiceView,
  type Topic,
} from '@espalier/protocol';
import { connectBus, watchTopics, type Bus, type Shown } from '@espalier/transport';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RunPlanner } from '../run-planner';
import { startCoordinator, type RunningCoordinator } from '../start-coordinator';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const TOKEN = 'token-of-everything';
const VIEWER = 'token-of-a-viewer';

/** Two stages: train, encode. */
const planner: RunPlanner = {
  checkRecipe: (value) => value as JsonValue,
  nextStage: (recipe, finished) => {
    if (finished.length === 2) return { step: 'done' };
    const kind = finished.length === 0 ? 'train' : 'encode';
    return { step: 'stage', spec: { kind, algorithm: 1, config: recipe, seed: 1, inputs: {} } };
  },
  truncateToRound: (finished) => finished.slice(0, 0),
  planSwap: () => {
    throw new Error('none');
  },
  expectedStages: () => [{ kind: 'train' }, { kind: 'encode' }],
  stageTitle: ({ kind }) => kind,
  stageKey: ({ kind }) => (kind === 'train' ? A : B),
  buildReport: () => ({ rounds: [] }),
};

const layer: LayerView = { name: 'fc1', kind: 'dense', shape: [2, 2], weights: 4, kept: 3 };
const seriesOf = (run: string, fields: Partial<Extract<Topic, { kind: 'series' }>> = {}): Topic => ({
  kind: 'series',
  run,
  names: ['*'],
  buckets: 1024,
  ...fields,
});

// Waits for what should come: nothing of it takes a second.
jest.setTimeout(20_000);

describe('viewers of a coordinator', () => {
  let dir: string;
  let coordinator: RunningCoordinator;
  let bus: Bus;
  let leases: { leaseId: string; key: string; run: string }[];

  const start = async (port = 0): Promise<void> => {
    coordinator = await startCoordinator({
      dir,
      port,
      planner,
      tokens: [TOKEN, { token: VIEWER, scopes: ['viewer'] }],
    });
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'espalier-views-'));
    await start();
    leases = [];
    bus = await connectBus({
      url: coordinator.hubUrl,
      token: TOKEN,
      hello: { service: 'trainer-1', roles: ['trainer'] },
      reconnect: { initialMs: 20, maxMs: 100 },
    });
    bus.messages$.subscribe((received) => {
      if (received.kind !== 'lease.offer' || received.run === undefined) return;
      const { leaseId, resultKey: key } = received.body;
      leases.push({ leaseId, key, run: received.run });
      bus.send(message('lease.accept', { re: received.id, leaseId }, { from: 'trainer-1' }));
    });
    bus.state$.subscribe((state) => {
      if (state === 'connected') void announce();
    });
    await announce();
  });
  afterEach(async () => {
    await bus.close();
    await coordinator.stop();
    await rm(dir, { recursive: true });
  });

  const announce = (): Promise<unknown> =>
    bus
      .request(
        message(
          'announce',
          { service: 'trainer-1', can: ['train', 'encode'], leases: leases.map(({ leaseId }) => leaseId) },
          { from: 'trainer-1' },
        ),
      )
      .catch(() => undefined);

  const post = (path: string, body: unknown, token = TOKEN): Promise<Response> =>
    fetch(`${coordinator.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  const submit = async (): Promise<string> => {
    const made = (await (
      await post('/api/runs', { recipe: { network: { name: 'n' } }, name: 'r' })
    ).json()) as RunLine;
    return made.id;
  };

  const points = (
    run: string,
    key: string,
    x: readonly number[],
    y: readonly number[] = x,
  ): Promise<unknown> =>
    bus.request(
      message(
        'points',
        { key, seq: 0, series: [{ name: 'loss', x: [...x], y: [...y] }] },
        { from: 'trainer-1', run },
      ),
    );

  const done = (leaseId: string, key: string): Promise<unknown> => {
    const outputs = { artifact: { kind: 'blob', digest: 'c'.repeat(64) } };
    const metrics = { layers: [{ name: 'fc1/kernel', weights: 4, kept: 3 }], testError: 0.25 };
    const result = { outputs, metrics };
    return bus.request(
      message(
        'lease.done',
        { leaseId, resultKey: key, snapshots: {}, result, seconds: 2 },
        { from: 'trainer-1' },
      ),
    );
  };

  const watch = (topics: readonly Topic[], shown?: Shown) =>
    watchTopics({ url: coordinator.viewUrl, token: VIEWER }, topics, shown);

  it('see a run from its beginning to its end, without asking again', async () => {
    const { view, shown } = await watch([{ kind: 'runs' }, { kind: 'services' }]);
    await shown.until(({ states }) => states.size === 2);
    expect(shown.states.get('runs')).toEqual([]);
    expect(shown.states.get('services')).toMatchObject([
      { id: 'trainer-1', service: 'trainer', kinds: ['train', 'encode'] },
    ]);

    const run = await submit();
    view.watch([{ kind: 'runs' }, { kind: 'run', run }, { kind: 'progress', run }, seriesOf(run)]);
    await shown.until(({ states }) => states.has(`run:${run}`));
    bus.send(
      message(
        'event',
        { type: 'stage.progress', fields: { step: 5, steps: 10, loss: 1 }, durable: false },
        { from: 'trainer-1', run },
      ),
    );
    await shown.until(({ states }) => states.get(`progress:${run}`) != null);
    expect(shown.states.get(`progress:${run}`)).toMatchObject({
      stage: 'train',
      step: 5,
      steps: 10,
      loss: 1,
    });

    await points(run, A, [1, 2, 3], [9, 8, 7]);
    await shown.until(({ series }) => series.get('loss')?.length === 3);
    await done(leases[0].leaseId, A);
    await points(run, B, [0, 4], [6, 5]);
    await shown.until(({ series }) => series.get('loss')?.length === 6);
    expect(shown.series.get('loss')).toEqual([
      [1, 9, 9, 9],
      [2, 8, 8, 8],
      [3, 7, 7, 7],
      [4, NaN, NaN, NaN],
      [4, 6, 6, 6],
      [8, 5, 5, 5],
    ]);
    await shown.until(({ states }) => (states.get(`run:${run}`) as RunView).stages[1].state === 'running');
    expect(shown.states.get(`run:${run}`)).toMatchObject({
      status: 'running',
      stages: [
        {
          key: A,
          title: 'train',
          state: 'done',
          baseX: 0,
          seconds: 2,
          metrics: { testError: 0.25 },
          layers: [{ name: 'fc1', weights: 4, kept: 3 }],
        },
        { key: B, title: 'encode', state: 'running', baseX: 4, serviceId: 'trainer-1' },
      ],
      steerable: ['pause', 'stop', 'undo'],
      log: [
        { text: 'the run is created' },
        { type: 'stage.started' },
        { text: 'train is done in 2.0 s' },
        {},
      ],
    });
    await done(leases[1].leaseId, B);
    await shown.until(({ states }) => (states.get('runs') as RunLine[])[0].status === 'done');
    expect(shown.states.get('runs')).toMatchObject([
      { id: run, network: 'n', finishedStages: 2, stages: 2, seconds: 4 },
    ]);
    await shown.until(({ states }) => states.get(`progress:${run}`) === null);
    view.close();
  });

  it('are told why they cannot see something, and see it when it is there', async () => {
    const { view, shown } = await watch([{ kind: 'run', run: 'none' }, seriesOf('none')]);
    await shown.until(({ refused }) => refused.size === 2);
    expect([...shown.refused]).toEqual([
      ['run:none', 'COORDINATOR_NO_RUN'],
      ['series:none', 'COORDINATOR_NO_RUN'],
    ]);
    view.close();
  });

  it('have every value once after the coordinator was started anew, and know by its session that it was', async () => {
    const run = await submit();
    const { shown } = await watch([seriesOf(run)]);
    await points(run, A, [1, 2, 3]);
    await shown.until(({ series }) => series.get('loss')?.length === 3);
    const { port } = coordinator;
    await coordinator.stop();
    await start(port);
    await bus.whenConnected();
    // What was not acknowledged, and what came before it, is told again.
    await points(run, A, [2, 3, 4]);
    const { view } = await watch([seriesOf(run)], shown);
    await shown.until(({ series }) => series.get('loss')?.length === 4);
    expect(shown.series.get('loss')?.map(([x]) => x)).toEqual([1, 2, 3, 4]);
    expect(new Set(shown.sessions).size).toBe(2);
    view.close();
  });

  it('see the same figures again after an undo when the stage comes back from the cache', async () => {
    const run = await submit();
    const { view, shown } = await watch([seriesOf(run)]);
    await points(run, A, [1, 2]);
    await done(leases[0].leaseId, A);
    await points(run, B, [0, 1]);
    await done(leases[1].leaseId, B);
    await shown.until(({ series }) => series.get('loss')?.length === 5);
    const before = [...(shown.series.get('loss') ?? [])];
    expect((await post(`/api/runs/${run}/undo`, { toRound: 0 })).status).toBe(200);
    await shown.until(({ series }) => series.get('loss')?.length === 2);
    await done(leases[2].leaseId, A);
    await shown.until(({ series }) => series.get('loss')?.length === 5);
    expect(shown.series.get('loss')).toEqual(before);
    view.close();
  });

  it('see what an observer told as its own series, also after a restart, and without what an undo took back', async () => {
    const run = await submit();
    const point = (series: string, x: number, y: number) => ({ kind: 'point', series, x, y });
    const observe = async (observations: unknown[]): Promise<void> => {
      const body = { plugin: '@mine/p', observer: 'watch', observations };
      expect((await post(`/api/runs/${run}/observed`, body)).status).toBe(200);
    };
    const own = 'plugin/@mine/p/norm';
    const rowsOf = ({ series }: Shown, name: string) => series.get(name)?.map(([x, , , y]) => [x, y]);
    const { view, shown } = await watch([seriesOf(run)]);
    const table = { kind: 'table', title: 't', columns: ['a'], rows: [[1]] };
    // Names so long that as many would not fit a message.
    const long = Array.from({ length: 200 }, (_, i) => point(`${i}${'\u4e00'.repeat(140)}`, 1, i));
    await observe([table, point('norm', 0, 5), point('norm', 70, 4), ...long]);
    await points(run, A, [1, 2]);
    await done(leases[0].leaseId, A);
    await observe([point('norm', 80, 3)]);
    await points(run, B, [0]);
    await shown.until((now) => rowsOf(now, own)?.length === 3 && rowsOf(now, 'loss')?.length === 4);
    expect(rowsOf(shown, own)).toEqual([
      [0, 5],
      [70, 4],
      [80, 3],
    ]);
    expect(shown.series.size).toBe(2 + long.length);
    view.close();

    const { port } = coordinator;
    await coordinator.stop();
    // Only services' figures are in it: those of observers stand in the run's log, and nowhere else.
    expect((await readFile(join(dir, run, 'series.log'), 'latin1')).includes('plugin/')).toBe(false);
    await start(port);
    await bus.whenConnected();
    const { view: again, shown: later } = await watch([seriesOf(run)]);
    await later.until(({ series }) => series.size === shown.series.size);
    expect(later.series).toEqual(shown.series);

    expect((await post(`/api/runs/${run}/undo`, { toRound: 0 })).status).toBe(200);
    await later.until((now) => !rowsOf(now, own)?.length);
    await observe([point('norm', 75, 6)]);
    await later.until((now) => rowsOf(now, own)?.length === 1);
    expect(rowsOf(later, own)).toEqual([[75, 6]]);
    again.close();
  });

  it('find pictures of layers by the key of their stage, also after a restart, and none of a run that is gone', async () => {
    const run = await submit();
    await bus.request(message('layer.view', { key: A, layer }, { from: 'trainer-1', run }));
    await bus.request(
      message('layer.view', { key: A, layer: { ...layer, name: 'fc2' } }, { from: 'trainer-1', run }),
    );
    await bus.request(
      message('layer.view', { key: A, layer: { ...layer, kept: 2 } }, { from: 'trainer-1', run }),
    );
    const { port } = coordinator;
    await coordinator.stop();
    await start(port);
    const ask = async (): Promise<unknown> =>
      (
        await fetch(`${coordinator.url}/api/runs/${run}/views/${A}`, {
          headers: { authorization: `Bearer ${VIEWER}` },
        })
      ).json();
    expect(await ask()).toMatchObject({
      key: A,
      layers: [
        { name: 'fc1', kept: 2 },
        { name: 'fc2', kept: 3 },
      ],
    });
    await coordinator.stop();
    await rm(join(dir, run), { recursive: true });
    await start(port);
    expect(await readdir(join(dir, '.store/views'))).toEqual([]);
  });

  it('find no pictures of stages that an undo with another recipe took away, but those that come again', async () => {
    const run = await submit();
    await bus.request(message('layer.view', { key: A, layer }, { from: 'trainer-1', run }));
    await done(leases[0].leaseId, A);
    await bus.request(message('layer.view', { key: B, layer }, { from: 'trainer-1', run }));
    const onDisk = async () => (await readdir(join(dir, '.store/views'))).map((file) => file[0]);
    const undo = async (body: object): Promise<void> => {
      expect((await post(`/api/runs/${run}/undo`, { toRound: 0, ...body })).status).toBe(200);
    };
    await undo({ recipe: { network: { name: 'n' } } });
    await undo({});
    expect(await onDisk()).toEqual(['a', 'b']);
    await undo({ recipe: { network: { name: 'm' } } });
    // What nobody waits for.
    while ((await onDisk()).includes('b')) await nextTurn();
    expect(await onDisk()).toEqual(['a']);
  });

  it('see how services are', async () => {
    const plugin = { name: 'p', version: '1.0.0', calls: 3, restarts: 0 };
    bus.send(message('service.state', { memoryBytes: 123, plugins: [plugin] }, { from: 'trainer-1' }));
    const { view, shown } = await watch([{ kind: 'services' }]);
    await shown.until(
      ({ states }) => (states.get('services') as ServiceView[] | undefined)?.[0].memoryBytes === 123,
    );
    expect(shown.states.get('services')).toMatchObject([{ plugins: [plugin] }]);
    view.close();
  });

  it('cannot steer', async () => {
    const run = await submit();
    const answer = await post(`/api/runs/${run}/pause`, {}, VIEWER);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      403,
      'COORDINATOR_SCOPE',
    ]);
  });
});
