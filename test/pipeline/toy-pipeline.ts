/** A coordinator and services on real sockets, in this process, each with a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '@espalier/base';
import {
  startCoordinator,
  type CoordinatorOptions,
  type RunEvent,
  type RunningCoordinator,
  type RunState,
} from '@espalier/coordinator';
import { message } from '@espalier/protocol';
import { startStageService, type RunningService, type StageServiceOptions } from '@espalier/service-kit';
import { STAGES_OF_SERVICE, type StageServiceName } from '@espalier/stages';
import { connectBus, newToken, type Bus } from '@espalier/transport';
import { toyPlanner, toyRunner, type ToyHook, type ToyRecipe } from './toy-stages';

export const SERVICE_NAMES = Object.keys(STAGES_OF_SERVICE) as StageServiceName[];

/** Times that make a test quick; none of them is what a test waits for. */
const LIMITS = { reconnectMs: 2_000, readoptMs: 10_000 } as const;
const RETRY = { firstDelayMs: 5, maxDelayMs: 50 } as const;

export interface ToyPipeline extends AsyncDisposable {
  readonly dir: string;
  readonly token: string;
  coordinator(): RunningCoordinator;
  /** Ends the coordinator and starts it again on the same port and folder. */
  restartCoordinator(between?: () => Promise<void>): Promise<void>;
  service(
    name: StageServiceName,
    hook?: ToyHook,
    more?: Partial<StageServiceOptions>,
  ): Promise<RunningService>;
  submit(recipe: ToyRecipe, dataUrls?: readonly string[]): Promise<RunState>;
  get(path: string): Promise<JsonValue>;
  post(path: string, body?: unknown): Promise<JsonValue>;
  state(run: string): Promise<RunState>;
  events(run: string): Promise<readonly RunEvent[]>;
  /** Settles with the first event, old or new, that the test likes. */
  event(run: string, like: (event: RunEvent) => boolean): Promise<RunEvent>;
}

export async function toyPipeline(options: Partial<CoordinatorOptions> = {}): Promise<ToyPipeline> {
  const dir = await mkdtemp(join(tmpdir(), 'espalier-pipeline-'));
  const token = newToken();
  const start = (port = 0): Promise<RunningCoordinator> =>
    startCoordinator({
      dir: join(dir, 'runs'),
      tokens: [token],
      planner: toyPlanner,
      limits: LIMITS,
      retry: RETRY,
      tickMs: 20,
      ...options,
      port,
    });
  let coordinator = await start();
  const services: RunningService[] = [];
  let serviceCount = 0;
  const buses: Bus[] = [];
  const watched = new Map<string, RunEvent[]>();
  const waiting = new Set<() => void>();

  const request = async (method: string, path: string, body?: unknown): Promise<JsonValue> => {
    const headers = { authorization: `Bearer ${token}` };
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await fetch(`${coordinator.url}${path}`, { method, headers, body: text });
    const answer = (await response.json()) as JsonValue;
    if (!response.ok) throw Object.assign(new Error(JSON.stringify(answer)), answer);
    return answer;
  };
  const get = (path: string): Promise<JsonValue> => request('GET', path);
  const post = (path: string, body?: unknown): Promise<JsonValue> => request('POST', path, body);

  /** One watcher a run, which subscribes again from the last event after each reconnect. */
  const watch = async (run: string): Promise<RunEvent[]> => {
    const known = watched.get(run);
    if (known) return known;
    const list: RunEvent[] = [];
    watched.set(run, list);
    const hello = { service: `watcher-${watched.size}`, roles: ['viewer'] };
    const bus = await connectBus({ url: coordinator.hubUrl, token, hello, reconnect: { maxMs: 50 } });
    buses.push(bus);
    bus.messages$.subscribe((received) => {
      if (received.kind !== 'event') return;
      list.push({ ...received.body, seq: received.body.seq ?? 0 } as unknown as RunEvent);
      for (const wake of waiting) wake();
    });
    bus.state$.subscribe((state) => {
      if (state !== 'connected') return;
      const fromSeq = Math.max(0, ...list.map(({ seq }) => seq)) + 1;
      bus.request(message('subscribe', { run, fromSeq }, { from: hello.service })).catch(() => undefined);
    });
    return list;
  };

  return {
    dir,
    token,
    coordinator: () => coordinator,
    async restartCoordinator(between) {
      const { port } = coordinator;
      await coordinator.stop();
      await between?.();
      coordinator = await start(port);
    },
    async service(name, hook, more) {
      const service = await startStageService({
        name,
        kinds: STAGES_OF_SERVICE[name],
        runner: toyRunner(hook),
        hubUrl: coordinator.hubUrl,
        token,
        dir: join(dir, `${name}-${serviceCount++}`),
        threads: 1,
        reconnect: { initialMs: 10, maxMs: 50 },
        ...more,
      });
      services.push(service);
      return service;
    },
    submit: async (recipe, dataUrls = []) =>
      (await post('/api/runs', { recipe, data: recipe.data, dataUrls })) as unknown as RunState,
    get,
    post,
    state: async (run) => (await get(`/api/runs/${run}`)) as unknown as RunState,
    events: async (run) =>
      ((await get(`/api/runs/${run}/events`)) as unknown as { events: RunEvent[] }).events,
    async event(run, like) {
      const list = await watch(run);
      for (;;) {
        const found = list.find(like);
        if (found) return found;
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(buses.map((bus) => bus.close()));
      await Promise.all(services.map((service) => service.stop('the test is over')));
      await coordinator.stop();
      await rm(dir, { recursive: true });
    },
  };
}

/** All four services, with the same hook. */
export async function allServices(pipeline: ToyPipeline, hook?: ToyHook): Promise<RunningService[]> {
  return Promise.all(SERVICE_NAMES.map((name) => pipeline.service(name, hook)));
}

export function isType<T extends RunEvent['type']>(type: T) {
  return (event: RunEvent): event is RunEvent & { readonly type: T } => event.type === type;
}

/** A promise that a test settles by hand. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
