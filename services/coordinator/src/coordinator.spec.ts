import { EspalierError, silentLogger } from '@espalier/base';
import type { Swap } from '@espalier/recipe';
import type { StageSpec } from '@espalier/stages';
import type { Scope } from './access';
import { Coordinator } from './coordinator';
import { applyEvent, type RunState } from './fold-run';
import { answer } from './http-api';
import type { Outbox, OutgoingEvent, StageOffer } from './outbox';
import { DEFAULT_RETRY_POLICY } from './retry-policy';
import type { RunBook } from './run-book';
import type { RunEvent } from './run-events';
import type { RunPlanner } from './run-planner';
import { DEFAULT_SCHEDULER_LIMITS, Scheduler } from './scheduler';
import type { ServicePeer } from './service-roster';

const START_MS = 1_000_000;
const WIRE = { dense: 1, masked: 0, had: 0, overhead: 0 };

/** Two stages: train, encode. */
const planner: RunPlanner = {
  checkRecipe: (value) => {
    if ((value as { broken?: boolean }).broken)
      throw Object.assign(new Error('no'), { code: 'RECIPE_INVALID' });
    return value as never;
  },
  nextStage: (recipe, finished) => {
    if ((recipe as { unplannable?: boolean }).unplannable) throw new Error('a defect');
    if (finished.length === 2) return { step: 'done' };
    const kind = finished.length === 0 ? 'train' : 'encode';
    const inputs: StageSpec['inputs'] = finished[0] ? { start: finished[0].result.outputs['snapshot'] } : {};
    return {
      step: 'stage',
      spec: { kind, algorithm: 1, config: recipe, seed: 1, inputs },
    };
  },
  truncateToRound: (finished, round) => finished.slice(0, round),
  planSwap: (_recipe, finished, wish, running) => {
    if (finished.length === 2) throw Object.assign(new Error('too late'), { code: 'STAGE_SWAP' });
    const { criterion } = wish as unknown as Pick<Swap, 'criterion'>;
    const interrupts = running?.step !== undefined;
    const swap = { round: finished.length + 1, criterion, ...(interrupts && { fromStep: running?.step }) };
    const { name } = criterion;
    if (!name.includes('/')) return { swap, interrupts };
    const pinned = {
      name: 'best',
      options: {},
      plugin: { name: 'mine', version: '1.0.0', digest: 'd'.repeat(64) },
    };
    return { swap, interrupts, admission: { kind: 'train', name, criterion: pinned, needs: ['weights'] } };
  },
  expectedStages: () => [{ kind: 'train' }, { kind: 'encode' }],
  stageTitle: ({ kind }) => kind,
  stageKey: ({ kind }) => (kind === 'train' ? 'a' : 'b').repeat(64),
  buildReport: (_recipe, finished, { stages }) => ({
    finished: finished.length,
    wire: stages[0].wire as never,
  }),
};

/** A book in memory, which outlives its coordinator. */
function memoryBook(): RunBook & { log: Map<string, RunEvent[]> } {
  const log = new Map<string, RunEvent[]>();
  const states = new Map<string, RunState>();
  return {
    log,
    list: () => [...states.values()],
    get: (run) => states.get(run),
    append: async (run, input) => {
      const events = log.get(run) ?? [];
      const event = { ...input, seq: events.length + 1, at: START_MS } as RunEvent;
      log.set(run, [...events, event]);
      states.set(run, applyEvent(run, states.get(run), event) as RunState);
      return event;
    },
    events: async (run, fromSeq) => (log.get(run) ?? []).filter(({ seq }) => seq >= fromSeq),
    close: async () => undefined,
  };
}

function setup(book = memoryBook()) {
  const offers: (StageOffer & { peerId: string })[] = [];
  const cancelled: string[] = [];
  const published: OutgoingEvent[] = [];
  let nowMs = START_MS;
  let leases = 0;
  let refusal: unknown;
  const asked: { peerId: string; name: string }[] = [];
  let admit = async (): Promise<{ needs: readonly string[] }> => ({ needs: ['weights'] });
  const outbox: Outbox = {
    offer: async (peerId, offer) => {
      offers.push({ peerId, ...offer });
      if (refusal !== undefined) throw refusal;
    },
    admit: (peerId, _run, { plugin, name }) => {
      asked.push({ peerId, name: `${plugin.name}/${name}` });
      return admit();
    },
    cancel: (_peerId, _run, leaseId) => void cancelled.push(leaseId),
    publish: (_run, event) => void published.push(event),
  };
  const scheduler = new Scheduler(() => `lease-${++leases}-${nowMs}`, DEFAULT_SCHEDULER_LIMITS);
  const clock = { nowMs: () => nowMs };
  const coordinator = new Coordinator({
    book,
    planner,
    scheduler,
    retry: DEFAULT_RETRY_POLICY,
    outbox,
    clock,
    logger: silentLogger,
  });
  return {
    book,
    coordinator,
    offers,
    cancelled,
    published,
    refuseWith: (error: unknown) => (refusal = error),
    asked,
    admitBy: (answer: typeof admit) => (admit = answer),
    async pass(ms: number) {
      nowMs += ms;
      await coordinator.tick();
    },
    types: (run: string) => (book.log.get(run) ?? []).map(({ type }) => type),
  };
}

const PEER: ServicePeer = {
  peerId: 'all#1',
  serviceId: 'all',
  service: 'trainer',
  kinds: ['train', 'encode'],
  dataUrl: 'ws://all',
};

function doneWith({ leaseId, key }: StageOffer) {
  const outputs = { snapshot: { kind: 'snapshot', digest: 'c'.repeat(64) } } as const;
  return { leaseId, key, result: { outputs, metrics: {} }, wire: WIRE, seconds: 1, cached: false };
}

const NO_VIEWS = {
  stageViews: async (_run: string, key: string) => ({ key, title: '', layers: [] }),
  viewers: () => [],
};

describe('the coordinator', () => {
  it('offers one stage after the other, and reports at the end', async () => {
    const { coordinator, offers, types, book } = setup();
    await coordinator.announced(PEER, []);
    const { id } = await coordinator.submit({ recipe: {}, dataUrls: ['ws://cli'] });
    await coordinator.stageDone('all#1', doneWith(offers[0]));
    expect(offers[1].sources).toEqual({ ['c'.repeat(64)]: ['ws://all', 'ws://cli'] });
    await coordinator.stageDone('all#1', doneWith(offers[1]));
    expect(types(id)).toEqual([
      'run.created',
      'stage.started',
      'stage.done',
      'stage.started',
      'stage.done',
      'run.done',
    ]);
    expect(book.get(id)?.report).toEqual({ finished: 2, wire: WIRE });
  });

  it('writes a stage to the log before it offers it', async () => {
    const { coordinator, offers, book } = setup();
    const { id } = await coordinator.submit({ recipe: {}, dataUrls: [] });
    book.append = () => Promise.reject(new Error('the disk is full'));
    await expect(coordinator.announced(PEER, [])).rejects.toThrow('the disk is full');
    expect(offers).toEqual([]);
    expect(book.get(id)?.current).toBeUndefined();
  });

  it('refuses a recipe that is not valid, and fails a run that cannot be planned', async () => {
    const { coordinator, book } = setup();
    await expect(coordinator.submit({ recipe: { broken: true }, dataUrls: [] })).rejects.toMatchObject({
      code: 'RECIPE_INVALID',
    });
    expect(book.list()).toEqual([]);
    const { id } = await coordinator.submit({ recipe: { unplannable: true }, dataUrls: [] });
    expect(book.get(id)).toMatchObject({ status: 'failed', failure: { message: 'a defect' } });
  });

  it('offers a stage again after a pause when its service refuses for a passing reason', async () => {
    const { coordinator, offers, refuseWith, pass, types } = setup();
    refuseWith(Object.assign(new Error('no answer'), { code: 'TRANSPORT_TIMEOUT', retryable: true }));
    await coordinator.announced(PEER, []);
    const { id } = await coordinator.submit({ recipe: {}, dataUrls: [] });
    await pass(0);
    await pass(0);
    expect(types(id)).toEqual(['run.created', 'stage.started', 'stage.failed']);
    refuseWith(undefined);
    await pass(60_000);
    expect(offers).toHaveLength(2);
  });

  it('offers a stage until its service is free, and does not count what it refused as busy', async () => {
    const { book, coordinator, offers, refuseWith, pass } = setup();
    refuseWith(Object.assign(new Error('busy'), { code: 'SERVICE_LEASE_BUSY', retryable: true }));
    await coordinator.announced(PEER, []);
    const { id } = await coordinator.submit({ recipe: {}, dataUrls: [] });
    for (let i = 0; i < 2 * DEFAULT_RETRY_POLICY.maxFailures; i++) await pass(60_000);
    expect(offers.length).toBeGreaterThan(DEFAULT_RETRY_POLICY.maxFailures);
    const events = book.log.get(id) ?? [];
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['run.created', 'stage.started', 'stage.interrupted']),
    );
    expect(events.flatMap((event) => (event.type === 'stage.started' ? event.fields.attempt : []))).toEqual(
      offers.map(() => 1),
    );
    refuseWith(undefined);
    await pass(60_000);
    await coordinator.stageDone('all#1', doneWith(offers[offers.length - 1]));
    expect(book.get(id)).toMatchObject({ status: 'running', finished: [{ title: 'train' }] });
    expect(book.get(id)?.refusals).toBeUndefined();
  });

  it('does not count the outcome of a lease that has been given to another', async () => {
    const { coordinator, offers, pass, book } = setup();
    await coordinator.announced(PEER, []);
    const { id } = await coordinator.submit({ recipe: {}, dataUrls: [] });
    await coordinator.gone('all#1');
    await pass(DEFAULT_SCHEDULER_LIMITS.reconnectMs);
    await coordinator.announced({ ...PEER, peerId: 'other#1', serviceId: 'other' }, []);
    await pass(1_000);
    await coordinator.stageDone('all#1', doneWith(offers[0]));
    expect(book.get(id)?.finished).toEqual([]);
    await coordinator.stageDone('other#1', doneWith(offers[1]));
    expect(book.get(id)?.finished).toHaveLength(1);
  });

  it('fails the run for a result that is not usable', async () => {
    const { coordinator, offers, book } = setup();
    await coordinator.announced(PEER, []);
    const { id } = await coordinator.submit({ recipe: {}, dataUrls: [] });
    const broken = { outputs: { snapshot: { kind: 'snapshot', digest: 'x' } }, metrics: {} } as const;
    await coordinator.stageDone('all#1', { ...doneWith(offers[0]), result: broken });
    expect(book.get(id)).toMatchObject({ status: 'failed', failure: { code: 'COORDINATOR_RESULT' } });
  });

  it('goes on from its log when it is started again', async () => {
    const first = setup();
    await first.coordinator.announced(PEER, []);
    const { id } = await first.coordinator.submit({ recipe: {}, dataUrls: [] });
    const second = setup(first.book);
    await second.coordinator.recover();
    await second.coordinator.announced(PEER, [first.offers[0].leaseId]);
    expect(second.offers).toEqual([]);
    await second.coordinator.stageDone('all#1', doneWith(first.offers[0]));
    expect(second.types(id)).toEqual(['run.created', 'stage.started', 'stage.done', 'stage.started']);
  });

  it('takes no events from who does not hold the lease', async () => {
    const { coordinator, published, types } = setup();
    await coordinator.announced(PEER, []);
    const { id } = await coordinator.submit({ recipe: {}, dataUrls: [] });
    await coordinator.stageEvent('stranger#1', id, 'stage.layers', {});
    await coordinator.stageEvent('stranger#1', id, 'stage.progress', {});
    await coordinator.stageEvent('all#1', id, 'stage.layers', { layers: [] });
    await coordinator.stageEvent('all#1', id, 'stage.progress', { step: 1 });
    expect(types(id)).toEqual(['run.created', 'stage.started', 'stage.layers']);
    expect(published.at(-1)).toMatchObject({ type: 'stage.progress', fields: { title: 'train', step: 1 } });
    expect(published.at(-1)).not.toHaveProperty('seq');
  });

  it('runs the stage again whose result nobody has any more, and not for ever', async () => {
    const { coordinator, offers, pass, book, types } = setup();
    await coordinator.announced(PEER, []);
    const { id } = await coordinator.submit({ recipe: {}, dataUrls: [] });
    const failLast = async (): Promise<void> => {
      const { leaseId } = offers[offers.length - 1];
      const gone = { code: 'TRANSPORT_MISSING', message: 'nobody has it', retryable: true };
      await coordinator.stageFailed('all#1', { leaseId, ...gone });
      await pass(60_000);
    };
    const trainAndFail = async (): Promise<void> => {
      await coordinator.stageDone('all#1', doneWith(offers[offers.length - 1]));
      for (let i = 0; i < DEFAULT_RETRY_POLICY.missingFailures; i++) await failLast();
    };
    await trainAndFail();
    expect(offers[offers.length - 1].stage.kind).toBe('train');
    expect(book.get(id)).toMatchObject({ status: 'running', finished: [], replans: 1 });
    for (let i = 1; i < DEFAULT_RETRY_POLICY.maxReplans; i++) await trainAndFail();
    await coordinator.stageDone('all#1', doneWith(offers[offers.length - 1]));
    for (let i = 0; i < DEFAULT_RETRY_POLICY.maxFailures; i++) await failLast();
    expect(book.get(id)).toMatchObject({ status: 'failed', failure: { code: 'TRANSPORT_MISSING' } });
    expect(types(id).filter((type) => type === 'run.undone')).toHaveLength(DEFAULT_RETRY_POLICY.maxReplans);
    await coordinator.resume(id);
    expect(book.get(id)).toMatchObject({ status: 'running', replans: 0 });
  });

  it('undoes to a round that is there', async () => {
    const { coordinator, offers, cancelled, book } = setup();
    await coordinator.announced(PEER, []);
    const { id } = await coordinator.submit({ recipe: {}, dataUrls: [] });
    await coordinator.stageDone('all#1', doneWith(offers[0]));
    await coordinator.undo(id, 0);
    expect(cancelled).toEqual([offers[1].leaseId]);
    expect(book.get(id)?.finished).toEqual([]);
    expect(offers[2].stage.kind).toBe('train');
  });
});

describe('the API', () => {
  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    scopes: readonly Scope[] | null = ['steer'],
  ) => {
    const { coordinator, book } = setup();
    await coordinator.submit({ recipe: {}, dataUrls: [], name: 'first' });
    const query = new URLSearchParams();
    return answer(
      { method, path, query, body, scopes: scopes ?? undefined },
      { coordinator, book, views: NO_VIEWS, version: '0' },
    );
  };

  it('lists runs in short and answers for health without a token', async () => {
    expect(await ask('GET', '/api/health', undefined, null)).toMatchObject({ status: 200 });
    expect(await ask('GET', '/api/runs')).toMatchObject({
      body: { runs: [{ name: 'first', status: 'queued' }] },
    });
  });

  it('says what is wrong with a request', async () => {
    expect(await ask('GET', '/api/nothing')).toMatchObject({
      status: 404,
      body: { code: 'COORDINATOR_ROUTE' },
    });
    expect(await ask('GET', '/api/runs/x')).toMatchObject({
      status: 404,
      body: { code: 'COORDINATOR_NO_RUN' },
    });
    expect(await ask('POST', '/api/runs', { recipe: 1 })).toMatchObject({ status: 400 });
    expect(await ask('POST', '/api/runs', { recipe: {}, data: 'x' })).toMatchObject({ status: 400 });
    expect(await ask('POST', '/api/runs', { recipe: {}, dataUrls: ['file:///etc/passwd'] })).toMatchObject({
      status: 400,
    });
    expect(await ask('POST', '/api/runs', { recipe: {} }, ['viewer'])).toMatchObject({
      status: 403,
    });
    expect(await ask('GET', '/api/runs', undefined, null)).toMatchObject({ status: 401 });
  });
});

describe('a swap of the criterion', () => {
  const wish = { criterion: { name: 'taylor', options: {} } };

  it('is refused to a token that may only look, and logged with one that may steer', async () => {
    const { coordinator, book } = setup();
    const { id } = await coordinator.submit({ recipe: { prune: {} }, dataUrls: [] });
    const post = (scopes: readonly Scope[], body: unknown = wish) =>
      answer(
        { method: 'POST', path: `/api/runs/${id}/swap`, query: new URLSearchParams(), body, scopes },
        { coordinator, book, views: NO_VIEWS, version: '0' },
      );
    expect(await post(['viewer'])).toMatchObject({ status: 403, body: { code: 'COORDINATOR_SCOPE' } });
    expect(await post(['steer'], { criterion: {} })).toMatchObject({ status: 400 });
    expect(book.log.get(id)?.map(({ type }) => type)).not.toContain('run.swapped');
    expect(await post(['steer'])).toMatchObject({
      status: 200,
      body: { recipe: { prune: { swaps: [{ round: 1, ...wish }] } } },
    });
    expect(book.log.get(id)?.at(-1)).toMatchObject({ type: 'run.swapped', fields: { round: 1, ...wish } });
  });

  it('interrupts a training that prunes itself, which goes on by what was logged', async () => {
    const { coordinator, offers, cancelled, types, pass } = setup();
    await coordinator.announced(PEER, []);
    const { id } = await coordinator.submit({ recipe: { prune: {} }, dataUrls: [] });
    await coordinator.stageEvent(PEER.peerId, id, 'stage.progress', { step: 100 });
    await pass(1000);
    await coordinator.stageEvent(PEER.peerId, id, 'stage.progress', { step: 300 });
    const { recipe } = await coordinator.swap(id, wish);
    // 200 steps a second, and two seconds until the service knows.
    expect(recipe).toMatchObject({ prune: { swaps: [{ round: 1, fromStep: 700 }] } });
    expect(cancelled).toEqual([offers[0].leaseId]);
    expect(types(id).slice(-3)).toEqual(['run.swapped', 'stage.interrupted', 'stage.started']);
    expect(offers).toHaveLength(2);
  });

  it('is refused when nothing is left to score', async () => {
    const { coordinator, offers } = setup();
    await coordinator.announced(PEER, []);
    const { id } = await coordinator.submit({ recipe: { prune: {} }, dataUrls: [] });
    await coordinator.stageDone(PEER.peerId, doneWith(offers[0]));
    await coordinator.stageDone(PEER.peerId, doneWith(offers[1]));
    await expect(coordinator.swap(id, wish)).rejects.toThrow('COORDINATOR_RUN_STATE');
  });
});

describe('a swap to a criterion of a plugin', () => {
  const wish = { criterion: { name: 'mine/best', options: {} } };
  const SCORER = { ...PEER, admits: true };
  const refusal = (code: string, reason: string) => (): Promise<never> =>
    Promise.reject(new EspalierError(code, { message: 'all refused: {reason}' }, { reason }));

  const begin = async (peer: ServicePeer | undefined) => {
    const all = setup();
    if (peer) await all.coordinator.announced(peer, []);
    const { id } = await all.coordinator.submit({ recipe: { prune: {} }, dataUrls: [] });
    const swapped = () => all.types(id).filter((type) => type === 'run.swapped').length;
    return { ...all, id, swapped };
  };

  it('is logged when every service that may score has let it in', async () => {
    const { coordinator, asked, id, swapped } = await begin(SCORER);
    await coordinator.announced({ ...SCORER, peerId: 'second#1', serviceId: 'second' }, []);
    await coordinator.announced({ ...SCORER, peerId: 'encoder#1', serviceId: 'enc', kinds: ['encode'] }, []);
    await coordinator.swap(id, wish);
    expect(asked).toEqual([
      { peerId: 'all#1', name: 'mine/best' },
      { peerId: 'second#1', name: 'mine/best' },
    ]);
    expect(swapped()).toBe(1);
  });

  it.each([
    [
      'is refused',
      refusal('PLUGIN_CANARY', 'PLUGIN_CANARY: it is bad; mend it.'),
      'PLUGIN_CANARY',
      'mend it',
    ],
    ['is not answered', refusal('TRANSPORT_TIMEOUT', 'slow'), 'COORDINATOR_ADMISSION', 'swap again'],
    ['needs something else', async () => ({ needs: ['gradients'] }), 'COORDINATOR_SWAP_NEEDS', 'gradients'],
  ])('changes nothing when it %s, and says why by name', async (_, answer, code, text) => {
    const { coordinator, admitBy, book, id, swapped } = await begin(SCORER);
    admitBy(answer);
    const error = (await coordinator.swap(id, wish).catch((reason: unknown) => reason)) as EspalierError;
    expect([error.code, swapped()]).toEqual([code, 0]);
    expect(error.message).toContain(text);
    expect(error.message.match(new RegExp(code, 'g'))).toHaveLength(1);
    expect(book.get(id)?.recipe).toEqual({ prune: {} });
    admitBy(async () => ({ needs: ['weights'] }));
    await coordinator.swap(id, wish);
    expect(swapped()).toBe(1);
  });

  it('needs a service that scores and can be asked; one of ours needs none', async () => {
    for (const peer of [undefined, PEER, { ...SCORER, kinds: ['encode'] }]) {
      const { coordinator, id, swapped } = await begin(peer);
      await expect(coordinator.swap(id, wish)).rejects.toThrow(/COORDINATOR_NO_SCORER.*"mine\/best"/);
      expect(swapped()).toBe(0);
      await coordinator.swap(id, { criterion: { name: 'taylor', options: {} } });
      expect(swapped()).toBe(1);
    }
  });

  it('holds nothing up while it is let in, and takes effect where the run has come to', async () => {
    const { coordinator, admitBy, offers, book, id } = await begin(SCORER);
    let letIn: (answer: { needs: string[] }) => void = () => undefined;
    const isAsked = new Promise<void>((resolve) =>
      admitBy(() => {
        resolve();
        return new Promise((answer) => (letIn = answer));
      }),
    );
    const first = coordinator.swap(id, wish);
    const second = coordinator.swap(id, { criterion: { name: 'taylor', options: {} } });
    await isAsked;
    await coordinator.stageDone(PEER.peerId, doneWith(offers[0]));
    expect(book.get(id)?.finished).toHaveLength(1);
    letIn({ needs: ['weights'] });
    await Promise.all([first, second]);
    const swaps = (book.log.get(id) ?? []).flatMap((event) =>
      event.type === 'run.swapped' ? [[event.fields.round, event.fields.criterion]] : [],
    );
    expect(swaps).toEqual([
      [2, wish.criterion],
      [2, { name: 'taylor', options: {} }],
    ]);
  });
});

describe('a plugin that failed for good', () => {
  it('pauses the run, which says why and can be resumed', async () => {
    const { coordinator, book, offers } = setup();
    await coordinator.announced(PEER, []);
    const { id } = await coordinator.submit({ recipe: {}, dataUrls: [] });
    const [{ leaseId }] = offers;
    const failure = { code: 'PLUGIN_FAILED', message: 'the criterion "x" failed', retryable: false };
    await coordinator.stageFailed(PEER.peerId, { leaseId, ...failure });
    const { code, message } = failure;
    expect(book.get(id)).toMatchObject({ status: 'paused', failure: { code, message } });
    const resumed = await coordinator.resume(id);
    expect(resumed).toMatchObject({ status: 'running' });
    expect(resumed.failure).toBeUndefined();
    expect(offers).toHaveLength(2);
  });
});
