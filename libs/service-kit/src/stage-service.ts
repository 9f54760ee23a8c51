/**
 * A stage service: its own store, a data plane that shows it, a connection to the hub, and a worker that takes one lease
 * at a time. trainer, pruner, retrainer and encoder are this with other stages.
 */
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { silentLogger, systemClock, type Clock, type EspalierError, type Logger } from '@espalier/base';
import { message, type AnnounceBody, type Message, type PluginState } from '@espalier/protocol';
import { BlobStore, RecordStore } from '@espalier/store';
import { connectBus, serveBlobs, type Bus, type ReconnectOptions } from '@espalier/transport';
import { answerAdmission, type Admit } from './answer-admission';
import { askWhatStays } from './ask-what-stays';
import { serviceError } from './errors';
import { hubReports } from './hub-reports';
import { inTime } from './in-time';
import { LeaseWorker } from './lease-worker';
import { pullInputs } from './pull-inputs';
import type { RunningProcess } from './run-as-child';
import { serviceIdIn } from './service-id';
import { parseOfferedStage, type StageRunner } from './stage-runner';
import { storeKeeper } from './store-keeper';
import { tellState } from './view/tell-state';

export interface StageServiceOptions {
  /** What it is: `trainer`, `pruner`, ... */
  readonly name: string;
  /** Stage kinds that it runs. */
  readonly kinds: readonly string[];
  readonly runner: StageRunner;
  /** `ws://host:port/hub`. */
  readonly hubUrl: string;
  /** For the hub, for other stores, and asked of whoever pulls from this one. */
  readonly token: string;
  /** Its store, its cache of results and its name at the hub. Belongs to one process. */
  readonly dir: string;
  /** Where its data plane listens. Default: a free port on loopback. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  /** The host under which others reach it, when that is not the one it listens on. */
  readonly advertise?: string;
  /** Threads of the engine; part of its fingerprint. Default: all cores. */
  readonly threads?: number;
  readonly checkpointSeconds?: number;
  /** Size that its store is brought down to when it grows beyond. Default: 20 GiB, or 80 % of a smaller disk. */
  readonly maxStoreBytes?: number;
  readonly reconnect?: Partial<ReconnectOptions>;
  /** Tries a criterion of a plugin before a run is swapped to it; for services whose stages score. */
  readonly admit?: Admit;
  /** The plugins that it hosts now, for people. */
  plugins?(): readonly PluginState[];
  /** Ended with it. */
  readonly owns?: readonly AsyncDisposable[];
  readonly logger?: Logger;
  readonly clock?: Clock;
}

export interface RunningService extends RunningProcess, AsyncDisposable {
  readonly serviceId: string;
  readonly dataUrl: string;
  readonly store: BlobStore;
  readonly ready: { readonly serviceId: string; readonly dataUrl: string; readonly dataPort: number };
}

/** A checkpoint of a small network takes milliseconds; so many seconds of lost work are no loss. */
const CHECKPOINT_SECONDS = 5;

/** For the last checkpoint and for telling the hub, which may be gone; the process has 2 s in all. */
const LEAVE_MS = 1_500;

/**
 * Settles when the hub has taken its announcement. @throws TRANSPORT_UNREACHABLE, TRANSPORT_REFUSED for a wrong token,
 * TRANSPORT_LISTEN, STORE_* when the folder cannot be used
 */
export async function startStageService(options: StageServiceOptions): Promise<RunningService> {
  const opened: AsyncDisposable[] = [...(options.owns ?? [])];
  try {
    return await open(options, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function open(options: StageServiceOptions, opened: AsyncDisposable[]): Promise<RunningService> {
  const {
    name,
    kinds,
    runner,
    token,
    dir,
    logger = silentLogger,
    threads = availableParallelism(),
  } = options;
  const serviceId = await serviceIdIn(dir, name);
  const store = await BlobStore.open(join(dir, 'store'));
  const cache = await RecordStore.open(join(dir, 'cache'));
  const shown = await RecordStore.open(join(dir, 'shown'));
  const maxBytes = options.maxStoreBytes;
  const keeper = await storeKeeper({
    dir,
    store,
    cache,
    logger,
    pinned: (digests) => askWhatStays(bus, serviceId, digests),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  const engine = await runner.engine?.(threads);

  const { host, port } = options.listen ?? {};
  const data = await serveBlobs({ store, tokens: [{ token, scope: 'service' }], host, port, logger });
  opened.push(data);
  const dataUrl = advertised(data.url, options.advertise);
  const hello = { service: serviceId, roles: [name], ...(engine ? { engine } : {}) };
  const bus = await connectBus({ url: options.hubUrl, token, hello, reconnect: options.reconnect, logger });
  opened.push(bus);

  const worker: LeaseWorker = new LeaseWorker({
    service: serviceId,
    store,
    cache,
    shown,
    runner,
    threads,
    checkpointSeconds: options.checkpointSeconds ?? CHECKPOINT_SECONDS,
    fingerprint: engine?.fingerprint,
    logger,
    clock: options.clock ?? systemClock,
    reports: () => reports,
    pull: async (lease, signal) => {
      const wire = await pullInputs({ lease, store, token, ownUrl: dataUrl, signal, logger });
      await keeper.used(lease);
      return wire;
    },
    tidy: (atWork) => keeper.tidy(atWork),
  });
  const announcement = (): AnnounceBody => ({
    service: serviceId,
    can: [...kinds],
    ...(engine ? { engine } : {}),
    dataUrl,
    slots: 1,
    leases: [...worker.leases()],
    ...(options.admit && { admits: true }),
  });
  const reports = hubReports({ bus, serviceId, logger, announcement });
  const state = tellState({ bus, serviceId, logger, plugins: options.plugins });
  const answers = bus.messages$.subscribe((received) =>
    answerHub(received, { bus, serviceId, kinds, worker, admit: options.admit, logger }),
  );
  await Promise.race([reports.announced, bus.closed]);
  worker.tidyIdle();

  let stopped: Promise<void> | undefined;
  const leave = async (reason: string): Promise<void> => {
    logger.info('the service leaves', { serviceId, reason });
    await inTime(worker.stop(), LEAVE_MS);
    state[Symbol.dispose]();
    reports[Symbol.dispose]();
    answers.unsubscribe();
    await closeAll(opened);
  };
  const stop = (reason: string): Promise<void> => (stopped ??= leave(reason));
  return {
    serviceId,
    dataUrl,
    store,
    ready: { serviceId, dataUrl, dataPort: data.port },
    ended: bus.closed.then(() => undefined),
    stop,
    [Symbol.asyncDispose]: () => stop('disposed'),
  };
}

interface Answering {
  readonly bus: Bus;
  readonly serviceId: string;
  readonly kinds: readonly string[];
  readonly worker: LeaseWorker;
  readonly admit?: Admit;
  readonly logger: Logger;
}

function answerHub(received: Message, answering: Answering): void {
  const { bus, serviceId, kinds, worker } = answering;
  if (received.kind === 'lease.cancel') return worker.cancel(received.body.leaseId, received.body.reason);
  if (received.kind === 'criterion.admit') return void answerAdmission(received, answering);
  if (received.kind !== 'lease.offer') return;
  const { id: re, run = '', body } = received;
  const { leaseId, resultKey: key, ttlMs, sources = {} } = body;
  const options = { from: serviceId, run };
  try {
    const stage = parseOfferedStage(body.stage);
    if (!kinds.includes(stage.kind)) {
      throw serviceError('SERVICE_KIND', { service: serviceId, kind: stage.kind, kinds: kinds.join(', ') });
    }
    worker.take({ leaseId, run, key, ttlMs, stage, sources });
    bus.send(message('lease.accept', { re, leaseId }, options));
  } catch (error) {
    const { code, message: text, retryable } = error as EspalierError;
    bus.send(message('refuse', { re, code, message: text, retryable }, options));
  }
}

/** In the opposite order of opening. */
async function closeAll(opened: readonly AsyncDisposable[]): Promise<void> {
  for (const one of opened.toReversed()) await one[Symbol.asyncDispose]();
}

/** The URL of the data plane as others should use it. */
function advertised(url: string, host: string | undefined): string {
  if (host === undefined) return url;
  const shown = new URL(url);
  shown.hostname = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return shown.href;
}
