import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, type JsonValue } from '@espalier/base';
import type { RunEvent } from '@espalier/coordinator';
import { message } from '@espalier/protocol';
import { stopAll, superviseChild, type SupervisedChild } from '@espalier/service-kit';
import { connectBus, newToken } from '@espalier/transport';
import { allServices, gate, isType, SERVICE_NAMES, toyPipeline } from './toy-pipeline';
import type { ToyRecipe } from './toy-stages';

const RECIPE: ToyRecipe = { rounds: 1, seed: 3, keep: 0.2 };

async function undisturbed(): Promise<unknown> {
  await using pipeline = await toyPipeline();
  await allServices(pipeline);
  const { id } = await pipeline.submit(RECIPE);
  await pipeline.event(id, isType('run.done'));
  return (await pipeline.state(id)).report;
}

describe('five processes', () => {
  it('finish with the same result when each is killed once in the middle of a stage', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'espalier-kill-'));
    const token = newToken();
    const coordinatorBack = gate();
    const child = (name: string, settings: (last: JsonValue | undefined) => JsonValue): SupervisedChild =>
      superviseChild({
        name,
        entry: join(__dirname, 'toy-service.ts'),
        execArgv: ['--conditions=@espalier/source', '--import', 'tsx'],
        settings,
        logger: silentLogger,
        limits: { firstDelayMs: 1 },
        onReady: (_ready, restarts) => {
          if (name === 'coordinator' && restarts === 1) coordinatorBack.open();
        },
      });
    const coordinator = child('coordinator', (last) => ({
      name: 'coordinator',
      dir: join(dir, 'runs'),
      tokens: [token],
      port: (last as { port: number } | undefined)?.port ?? 0,
    }));
    const { url, hubUrl } = (await coordinator.ready) as { url: string; hubUrl: string };
    const services = SERVICE_NAMES.map((name) =>
      child(name, () => ({ name, hubUrl, token, dir: join(dir, name) })),
    );
    try {
      await Promise.all(services.map(({ ready }) => ready));
      const headers = { authorization: `Bearer ${token}` };
      const body = JSON.stringify({ recipe: RECIPE });
      const posted = await fetch(`${url}/api/runs`, { method: 'POST', headers, body });
      const { id } = (await posted.json()) as { id: string };

      const killed: string[] = [];
      const done = gate();
      const hello = { service: 'watcher', roles: ['viewer'] };
      await using bus = await connectBus({ url: hubUrl, token, hello, reconnect: { maxMs: 50 } });
      const seen = new Set<number>();
      bus.messages$.subscribe((received) => {
        if (received.kind !== 'event' || seen.has(received.body.seq ?? 0)) return;
        seen.add(received.body.seq ?? 0);
        const event = received.body as unknown as RunEvent;
        if (event.type === 'run.done' || event.type === 'run.failed') done.open();
        if (event.type !== 'stage.note' || event.fields['text'] !== 'held') return;
        void kill(String(event.fields['title']));
      });
      bus.state$.subscribe((state) => {
        if (state !== 'connected') return;
        const ask = message('subscribe', { run: id, fromSeq: 1 }, { from: hello.service });
        bus.request(ask).catch(() => undefined);
      });
      const kill = async (title: string): Promise<void> => {
        const index = ['train', 'prune 1', 'retrain 1', 'encode'].indexOf(title);
        killed.push(title);
        if (title === 'encode') {
          // The encoder lives on: its lease is taken up again by the coordinator that comes back.
          process.kill(coordinator.pid() as number, 'SIGKILL');
          await coordinatorBack.opened;
          writeFileSync(join(dir, 'encoder', 'release'), '');
        } else process.kill(services[index].pid() as number, 'SIGKILL');
      };
      await done.opened;

      const answer = await fetch(`${url}/api/runs/${id}`, { headers });
      expect(await answer.json()).toMatchObject({ status: 'done', report: await undisturbed() });
      expect(killed).toEqual(['train', 'prune 1', 'retrain 1', 'encode']);
      const { events } = (await (await fetch(`${url}/api/runs/${id}/events`, { headers })).json()) as {
        events: RunEvent[];
      };
      const started = events.filter(isType('stage.started')).map(({ fields }) => fields.title);
      expect(started).toEqual(['train', 'train', 'prune 1', 'prune 1', 'retrain 1', 'retrain 1', 'encode']);
    } finally {
      await stopAll([...services, coordinator]);
      await rm(dir, { recursive: true });
    }
  }, 120_000);

  it('end when their parent is killed', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'espalier-orphan-'));
    const script = join(dir, 'parent.cjs');
    const entry = join(__dirname, 'toy-service.ts');
    writeFileSync(
      script,
      `const { superviseChild } = require('@espalier/service-kit');
       const logger = { debug() {}, info() {}, warn() {}, error() {} };
       const settings = () => ({ name: 'coordinator', dir: ${JSON.stringify(join(dir, 'runs'))}, tokens: ['t'] });
       const child = superviseChild({ name: 'c', entry: ${JSON.stringify(entry)}, settings, logger });
       child.ready.then(() => process.send({ ready: { pid: child.pid() } }));`,
    );
    // The parent runs under a supervisor too, which tells when it is ready and is stopped before it starts it again.
    const parent = superviseChild({
      name: 'parent',
      entry: script,
      execArgv: ['--conditions=@espalier/source', '--import', 'tsx'],
      settings: () => null,
      env: { ...process.env, NODE_PATH: join(__dirname, '../../node_modules') },
      logger: silentLogger,
      limits: { firstDelayMs: 60_000, maxDelayMs: 60_000 },
    });
    const { pid } = (await parent.ready) as { pid: number };
    process.kill(parent.pid() as number, 'SIGKILL');
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    await parent.stop();
    await rm(dir, { recursive: true });
  }, 120_000);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
