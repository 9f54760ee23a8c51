import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dataBlobs, dataManifest, dataManifestBytes } from '@espalier/datasets';
import { sha256 } from '@espalier/tensor/digest';
import { BlobStore } from '@espalier/store';
import { connectBus, serveBlobs } from '@espalier/transport';
import type { StageSpec } from '@espalier/stages';
import { allServices, gate, isType, toyPipeline } from './toy-pipeline';
import { FROZEN_WEIGHTS, TOY_WEIGHTS, type ToyRecipe } from './toy-stages';

const RECIPE: ToyRecipe = { rounds: 2, seed: 7, keep: 0.2 };
const TITLES = ['train', 'prune 1', 'retrain 1', 'prune 2', 'retrain 2', 'encode'];

/** The artifact of an undisturbed run. */
async function undisturbed(recipe: ToyRecipe = RECIPE): Promise<unknown> {
  await using pipeline = await toyPipeline();
  await allServices(pipeline);
  const { id } = await pipeline.submit(recipe);
  await pipeline.event(id, isType('run.done'));
  return (await pipeline.state(id)).report;
}

jest.setTimeout(120_000);

describe('a run over real sockets', () => {
  it('goes through its rounds, each stage at the service that does its kind', async () => {
    await using pipeline = await toyPipeline();
    await allServices(pipeline);
    const { id } = await pipeline.submit(RECIPE);
    await pipeline.event(id, isType('run.done'));
    const { finished, status, report } = await pipeline.state(id);
    expect(status).toBe('done');
    expect(finished.map(({ title }) => title)).toEqual(TITLES);
    expect(finished.map(({ service }) => service)).toEqual([
      'trainer',
      'pruner',
      'retrainer',
      'pruner',
      'retrainer',
      'encoder',
    ]);
    expect(report).toMatchObject({ stages: 6 });
    const events = await pipeline.events(id);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, i) => i + 1));
  });

  it('goes from stage to stage at one service that does them all, none of them tried twice', async () => {
    await using pipeline = await toyPipeline();
    await pipeline.service('trainer', undefined, { kinds: ['train', 'prune', 'retrain', 'encode'] });
    const { id } = await pipeline.submit(RECIPE);
    await pipeline.event(id, isType('run.done'));
    const events = await pipeline.events(id);
    expect(events.filter(isType('stage.failed'))).toEqual([]);
    expect(events.filter(isType('stage.started')).map(({ fields }) => fields.attempt)).toEqual(
      TITLES.map(() => 1),
    );
  });

  it('sends a tensor that did not change no second time, and a pruned one in less than an eighth', async () => {
    await using pipeline = await toyPipeline();
    await allServices(pipeline);
    const { id } = await pipeline.submit({ ...RECIPE, keep: 0.05, rounds: 2 });
    await pipeline.event(id, isType('run.done'));
    const { finished } = await pipeline.state(id);
    const wire = Object.fromEntries(finished.map(({ title, wire }) => [title, wire]));
    const maskBytes = TOY_WEIGHTS / 8;
    // The first receiver pulls everything, dense.
    expect(wire['prune 1']).toMatchObject({ dense: 4 * (TOY_WEIGHTS + FROZEN_WEIGHTS), masked: 0, had: 0 });
    // After pruning: the frozen kernel and the mask as they are, the pruned kernel by its survivors.
    expect(wire['retrain 1']).toMatchObject({ dense: 4 * FROZEN_WEIGHTS + maskBytes, had: 0 });
    expect(wire['retrain 1'].masked).toBeLessThan((4 * TOY_WEIGHTS) / 8);
    // The pruner holds the frozen kernel and its own mask: no payload for them.
    expect(wire['prune 2']).toMatchObject({ dense: 0, had: 4 * FROZEN_WEIGHTS + maskBytes });
    expect(wire['prune 2'].masked).toBeLessThan((4 * TOY_WEIGHTS) / 8);
  });

  it('costs no payload at all for a snapshot that the receiver has', async () => {
    await using pipeline = await toyPipeline();
    const [trainer, , retrainer] = await allServices(pipeline);
    expect(trainer.store.root).not.toBe(retrainer.store.root);
    const { id } = await pipeline.submit(RECIPE);
    await pipeline.event(id, isType('run.done'));
    // The same start at the same pruner, but another share: its cache does not know the stage.
    const second = await pipeline.submit({ ...RECIPE, keep: 0.5 });
    await pipeline.event(second.id, isType('run.done'));
    const [train, prune] = (await pipeline.state(second.id)).finished;
    expect(train).toMatchObject({ cached: true, wire: { dense: 0, masked: 0 } });
    expect(prune).toMatchObject({
      cached: false,
      wire: { dense: 0, masked: 0, had: 4 * (TOY_WEIGHTS + FROZEN_WEIGHTS) },
    });
  });

  it('gives each service a store of its own, and the data set only to those that need it', async () => {
    await using pipeline = await toyPipeline();
    const samples = (count: number) => ({
      images: new Uint8Array(count * 4).fill(count),
      labels: new Uint8Array(count),
      count,
      shape: [2, 2, 1] as const,
    });
    const dataset = { name: 'toy', classes: 2, train: samples(8), test: samples(4) };
    const manifest = dataManifest(dataset, sha256);
    const store = await BlobStore.open(join(pipeline.dir, 'cli'));
    for (const blob of dataBlobs(dataset, manifest).values()) await store.put(blob);
    const data = await store.put(dataManifestBytes(manifest));
    await using plane = await serveBlobs({ store, tokens: [{ token: pipeline.token, scope: 'service' }] });
    const services = await allServices(pipeline);
    const { id } = await pipeline.submit({ ...RECIPE, data }, [plane.url]);
    await pipeline.event(id, isType('run.done'));
    const has = await Promise.all(services.map((service) => service.store.has(manifest.splits.train.images)));
    expect(has).toEqual([true, true, true, false]);
    const folders = await readdir(pipeline.dir);
    expect(folders.sort()).toEqual(
      ['cli', 'encoder-3', 'pruner-1', 'retrainer-2', 'runs', 'trainer-0'].sort(),
    );
  });

  it('lets runs wait for each other, oldest first', async () => {
    await using pipeline = await toyPipeline();
    const first = await pipeline.submit(RECIPE);
    const second = await pipeline.submit({ ...RECIPE, seed: 8 });
    await allServices(pipeline);
    await pipeline.event(second.id, isType('run.done'));
    const [a, b] = [await pipeline.events(first.id), await pipeline.events(second.id)];
    expect(b.find(isType('stage.started'))?.at).toBeGreaterThanOrEqual(a.at(-1)?.at ?? Infinity);
  });
});

describe('a run that is disturbed', () => {
  it('is done by another service when one leaves in the middle of a stage', async () => {
    await using pipeline = await toyPipeline();
    const held = gate();
    const hold = async (spec: StageSpec, { signal }: { signal: AbortSignal }): Promise<void> => {
      if (spec.kind !== 'retrain') return;
      held.open();
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const services = await allServices(pipeline, hold);
    const { id } = await pipeline.submit(RECIPE);
    await held.opened;
    await pipeline.service('retrainer');
    await services[2].stop('a test');
    await pipeline.event(id, isType('run.done'));
    const failures = (await pipeline.events(id)).filter(isType('stage.failed'));
    expect(failures.map(({ fields }) => [fields.title, fields.code, fields.again])).toEqual([
      ['retrain 1', 'SERVICE_STOPPED', true],
    ]);
    expect((await pipeline.state(id)).report).toEqual(await undisturbed());
  });

  it('keeps its lease over a restart of the coordinator: the stage runs once', async () => {
    await using pipeline = await toyPipeline();
    const [held, release] = [gate(), gate()];
    const ran: string[] = [];
    const hold = async (spec: StageSpec): Promise<void> => {
      ran.push(`${spec.kind} ${spec.round ?? ''}`.trim());
      if (spec.kind !== 'retrain' || spec.round !== 1) return;
      held.open();
      await release.opened;
    };
    await allServices(pipeline, hold);
    const { id } = await pipeline.submit(RECIPE);
    await held.opened;
    await pipeline.restartCoordinator();
    expect((await pipeline.state(id)).current?.title).toBe('retrain 1');
    release.open();
    await pipeline.event(id, isType('run.done'));
    expect(ran).toEqual(TITLES);
    const started = (await pipeline.events(id)).filter(isType('stage.started'));
    expect(started.map(({ fields }) => fields.title)).toEqual(TITLES);
    expect((await pipeline.state(id)).report).toEqual(await undisturbed());
  });

  it('gets a result that came in while the coordinator was away', async () => {
    await using pipeline = await toyPipeline();
    const [held, release, ended] = [gate(), gate(), gate()];
    const ran: string[] = [];
    await allServices(pipeline, async (spec) => {
      ran.push(spec.kind);
      if (spec.kind === 'encode') return;
      if (spec.kind !== 'prune' || spec.round !== 1) return;
      held.open();
      await release.opened;
      ended.open();
    });
    const { id } = await pipeline.submit(RECIPE);
    await held.opened;
    await pipeline.restartCoordinator(async () => {
      release.open();
      await ended.opened;
    });
    await pipeline.event(id, isType('run.done'));
    expect(ran.filter((kind) => kind === 'prune')).toHaveLength(2);
  });

  it('makes a snapshot again whose only owner is gone with its store', async () => {
    await using pipeline = await toyPipeline({ retry: { firstDelayMs: 1, maxDelayMs: 5 } });
    await pipeline.service('trainer');
    await pipeline.service('pruner');
    const retrainer = await pipeline.service('retrainer');
    const { id } = await pipeline.submit(RECIPE);
    // The last snapshot before the artifact lies at the retrainer alone, and nobody encodes yet.
    await pipeline.event(id, (event) => isType('stage.done')(event) && event.fields.title === 'retrain 2');
    await retrainer.stop('a test');
    await rm(dirname(retrainer.store.root), { recursive: true });
    await pipeline.service('retrainer');
    await pipeline.service('encoder');
    await pipeline.event(id, isType('run.done'));
    const { finished, report } = await pipeline.state(id);
    expect(finished.map(({ title }) => title)).toEqual(TITLES);
    expect(report).toEqual(await undisturbed());
    const undone = (await pipeline.events(id)).filter(isType('run.undone'));
    expect(undone.map(({ fields }) => fields)).toMatchObject([{ kept: 4, lost: { title: 'encode' } }]);
    expect((await pipeline.events(id)).filter(isType('stage.done'))).toHaveLength(TITLES.length + 1);
  });

  it('fails with the code of a stage that cannot succeed, and goes on when it is resumed', async () => {
    await using pipeline = await toyPipeline();
    let broken = true;
    await allServices(pipeline, (spec) => {
      if (broken && spec.kind === 'prune')
        throw Object.assign(new Error('no such criterion'), { code: 'PRUNE_X' });
    });
    const { id } = await pipeline.submit(RECIPE);
    await pipeline.event(id, isType('run.failed'));
    expect(await pipeline.state(id)).toMatchObject({
      status: 'failed',
      failure: { code: 'PRUNE_X', message: 'no such criterion' },
    });
    broken = false;
    await pipeline.post(`/api/runs/${id}/resume`);
    await pipeline.event(id, isType('run.done'));
    const started = (await pipeline.events(id)).filter(isType('stage.started'));
    expect(started.map(({ fields }) => fields.title)).toEqual(['train', 'prune 1', ...TITLES.slice(1)]);
  });

  it('is tried again only so often', async () => {
    await using pipeline = await toyPipeline({ retry: { firstDelayMs: 1, maxDelayMs: 1, maxFailures: 3 } });
    await allServices(pipeline, () => {
      throw Object.assign(new Error('the disk is full'), { code: 'STORE_DISK_FULL', retryable: true });
    });
    const { id } = await pipeline.submit(RECIPE);
    await pipeline.event(id, isType('run.failed'));
    const failures = (await pipeline.events(id)).filter(isType('stage.failed'));
    expect(failures.map(({ fields }) => fields.again)).toEqual([true, true, false]);
  });
});

describe('a run that is steered', () => {
  it('stops its stage when it is paused and goes on when it is resumed', async () => {
    await using pipeline = await toyPipeline();
    const held = gate();
    let hold = true;
    await allServices(pipeline, async (spec, { signal }) => {
      if (!hold || spec.kind !== 'retrain') return;
      held.open();
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    const { id } = await pipeline.submit(RECIPE);
    await held.opened;
    hold = false;
    expect(await pipeline.post(`/api/runs/${id}/pause`)).toMatchObject({ status: 'paused' });
    await expect(pipeline.post(`/api/runs/${id}/pause`)).rejects.toMatchObject({
      code: 'COORDINATOR_RUN_STATE',
    });
    await pipeline.post(`/api/runs/${id}/resume`);
    await pipeline.event(id, isType('run.done'));
    expect((await pipeline.state(id)).report).toEqual(await undisturbed());
  });

  it('goes back to an earlier round, and on from there with another recipe', async () => {
    await using pipeline = await toyPipeline();
    await allServices(pipeline);
    const { id } = await pipeline.submit(RECIPE);
    await pipeline.event(id, isType('run.done'));
    const recipe = { ...RECIPE, rounds: 1 };
    const undone = await pipeline.post(`/api/runs/${id}/undo`, { toRound: 1, recipe });
    expect(undone).toMatchObject({ status: 'running' });
    await pipeline.event(
      id,
      (event) => event.type === 'run.done' && event.seq > (undone as { seq: number }).seq,
    );
    const { finished, report } = await pipeline.state(id);
    expect(finished.map(({ title }) => title)).toEqual(['train', 'prune 1', 'retrain 1', 'encode']);
    expect(report).toEqual(await undisturbed(recipe));
  });
});

describe('the door', () => {
  it('refuses a wrong token on the hub, the API and the data planes', async () => {
    await using pipeline = await toyPipeline();
    const trainer = await pipeline.service('trainer');
    const hello = { service: 'stranger', roles: ['trainer'] };
    const url = pipeline.coordinator().hubUrl;
    await expect(connectBus({ url, token: 'wrong', hello })).rejects.toMatchObject({
      code: 'TRANSPORT_REFUSED',
    });
    await expect(connectBus({ url: trainer.dataUrl, token: 'wrong', hello })).rejects.toMatchObject({
      code: 'TRANSPORT_REFUSED',
    });
    const headers = { authorization: 'Bearer wrong' };
    const answer = await fetch(`${pipeline.coordinator().url}/api/runs`, { headers });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'COORDINATOR_TOKEN' });
  });

  it('lets a viewer look and not steer', async () => {
    await using pipeline = await toyPipeline({ tokens: [{ token: 'eyes', scopes: ['viewer'] }] });
    const { url } = pipeline.coordinator();
    const headers = { authorization: 'Bearer eyes' };
    expect((await fetch(`${url}/api/runs`, { headers })).status).toBe(200);
    const answer = await fetch(`${url}/api/runs`, { method: 'POST', headers, body: '{"recipe":{}}' });
    expect(answer.status).toBe(403);
  });

  it('refuses pages of a foreign origin', async () => {
    await using pipeline = await toyPipeline({ allowedOrigins: ['http://dashboard.example'] });
    const { url } = pipeline.coordinator();
    const from = (origin: string) =>
      fetch(`${url}/api/runs`, { headers: { authorization: `Bearer ${pipeline.token}`, origin } });
    expect((await from('http://evil.example')).status).toBe(403);
    const allowed = await from('http://dashboard.example');
    expect(allowed.headers.get('access-control-allow-origin')).toBe('http://dashboard.example');
  });
});
