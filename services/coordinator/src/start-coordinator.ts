/** The coordinator as a process: hub and HTTP API on one port, the run logs in one folder, a clock that ticks. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { errorMessage, newId, silentLogger, systemClock, type Logger } from '@espalier/base';
import { Pins } from '@espalier/store';
import {
  HUB_PATH,
  serveHub,
  serveViewers,
  transportError,
  VIEW_PATH,
  type ScopedToken,
} from '@espalier/transport';
import { allows, SCOPES, type AccessToken } from './access';
import { Coordinator } from './coordinator';
import { coordinatorError } from './errors';
import type { RunState } from './fold-run';
import { hubLink } from './hub-link';
import { apiServer } from './http-server';
import { PINS_FOLDER, pinnedDigests } from './pinned-digests';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from './retry-policy';
import { openRunBook, type RunBook } from './run-book';
import type { RunPlanner } from './run-planner';
import { DEFAULT_SCHEDULER_LIMITS, Scheduler, type SchedulerLimits } from './scheduler';
import { stagesPlanner } from './stages-planner';
import { openArtifact, removePassing } from './view/http/artifact';
import { ownOrigins } from './view/http/own-origins';
import { RoundFiles } from './view/http/round-file';
import { tokenOfCookie } from './view/http/session-cookie';
import { ViewShelf } from './view/view-shelf';
import { Views } from './view/views';

export const COORDINATOR_VERSION = '0.1.0';

/** Beside this package, whether it runs from source or built. */
const PAGE_FOLDER = join(__dirname, '../../dashboard/dist');

export interface CoordinatorOptions {
  /** The runs folder: each run's log is `<dir>/<id>/events.jsonl`, the pins of runs are in `<dir>/.store/pins`. */
  readonly dir: string;
  /** Default: loopback. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** At least one. A text stands for a token with every scope. */
  readonly tokens: readonly (AccessToken | string)[];
  /** Origins of pages whose scripts may connect, e.g. a dashboard's. The coordinator's own is always allowed. */
  readonly allowedOrigins?: readonly string[];
  readonly limits?: Partial<SchedulerLimits>;
  readonly retry?: Partial<RetryPolicy>;
  /** Default: the planner of `@espalier/stages`. */
  readonly planner?: RunPlanner;
  readonly logger?: Logger;
  /** The built dashboard. Default: where its build puts it. */
  readonly pageFolder?: string;
  /** How often it looks for leases that ran out and back-offs that ended. */
  readonly tickMs?: number;
}

export interface RunningCoordinator extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`. */
  readonly url: string;
  /** `ws://host:port/hub`. */
  readonly hubUrl: string;
  /** `ws://host:port/view`. */
  readonly viewUrl: string;
  /** Leaves the runs as they are: their services notice, and it goes on where it was when it is started again. */
  stop(): Promise<void>;
}

/** @throws TRANSPORT_LISTEN when the port is taken, STORE_* when the folder cannot be used */
export async function startCoordinator(options: CoordinatorOptions): Promise<RunningCoordinator> {
  const logger = options.logger ?? silentLogger;
  const limits = { ...DEFAULT_SCHEDULER_LIMITS, ...options.limits };
  const retry = { ...DEFAULT_RETRY_POLICY, ...options.retry };
  const tokens = options.tokens.map((token) =>
    typeof token === 'string' ? { token, scopes: SCOPES } : token,
  );
  const allowedOrigins = [...(options.allowedOrigins ?? [])];
  const planner = options.planner ?? stagesPlanner;

  const book = await openRunBook(options.dir, logger);
  const pins = await Pins.open(join(options.dir, ...PINS_FOLDER));
  const views = new Views({
    dir: options.dir,
    book,
    planner,
    shelf: await ViewShelf.open(options.dir),
    coordinator: () => coordinator,
    clock: systemClock,
    logger,
  });
  const link = hubLink({
    coordinator: () => coordinator,
    book,
    views,
    pinned: () => pinnedDigests(pins, book),
    logger,
    leaseMs: limits.leaseMs,
    acceptMs: limits.acceptMs,
  });
  const scheduler = new Scheduler(newId, limits);
  const coordinator = new Coordinator({
    book,
    planner,
    scheduler,
    retry,
    outbox: {
      ...link,
      publish(run, event) {
        link.publish(run, event);
        views.event(run, event);
      },
    },
    clock: systemClock,
    logger,
  });

  // Before anybody can connect: a service that is quicker than the log would find its lease unknown.
  await coordinator.recover();
  await views.tidyShelf();
  await removePassing(options.dir);
  const sources = {
    dir: options.dir,
    dataUrls: () => coordinator.services().flatMap(({ dataUrl }) => dataUrl ?? []),
    token: tokens.find(({ scopes }) => scopes.includes('service'))?.token ?? '',
    logger,
  };
  const roundFiles = new RoundFiles(sources);
  const own: string[] = [];
  let closing = false;
  const session = newId();
  const server = apiServer(
    { coordinator, book, views, version: COORDINATOR_VERSION },
    {
      tokens,
      allowedOrigins,
      ownOrigins: own,
      session,
      pageFolder: options.pageFolder ?? PAGE_FOLDER,
      openArtifact: async (run, { round, gone }) => {
        const state = runOf(book, run);
        return round === undefined ? openArtifact(state, sources) : roundFiles.open(state, round, gone);
      },
      logger,
    },
  );
  server.on('upgrade', (request, stream) => {
    const { pathname } = new URL(request.url ?? '/', url);
    const isOurs = pathname === HUB_PATH || pathname === VIEW_PATH;
    // A door that is closed answers nothing, and who knocks then would keep the server open.
    if (!isOurs || closing) stream.end(`HTTP/1.1 ${closing ? '503 Closing' : '404 Not Found'}\r\n\r\n`);
  });
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, host, options.port ?? 0);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  own.push(...ownOrigins(host, port));
  allowedOrigins.push(...own);
  const hub = await serveHub({
    server,
    host,
    tokens: tokens.map(hubToken),
    origins: allowedOrigins,
    name: 'coordinator',
    software: COORDINATOR_VERSION,
    logger,
    onPeer: (peer) => link.onPeer(peer),
  });
  const viewers = await serveViewers({
    server,
    host,
    tokens: tokens.flatMap((token) =>
      isViewer(token) ? [{ token: token.token, scope: 'viewer' as const }] : [],
    ),
    authorize: ({ headers, socket }) => {
      // A browser says where a page that connects is from.
      const token =
        headers.origin !== undefined && own.includes(headers.origin)
          ? tokenOfCookie(headers.cookie, socket.localPort ?? 0, tokens)
          : undefined;
      return token && isViewer(token) ? { token: token.token, scope: 'viewer' } : undefined;
    },
    origins: allowedOrigins,
    name: 'coordinator',
    software: COORDINATOR_VERSION,
    session,
    logger,
    onViewer: (viewer) => views.add(viewer),
  });
  const timer = setInterval(() => {
    coordinator
      .tick()
      .catch((error: unknown) => logger.error('a tick failed', { problem: errorMessage(error) }));
  }, options.tickMs ?? 200);

  const stop = async (): Promise<void> => {
    clearInterval(timer);
    closing = true;
    const closed = new Promise<void>((resolve) =>
      server.listening ? server.close(() => resolve()) : resolve(),
    );
    await coordinator.close();
    await roundFiles.close();
    await viewers.close();
    await hub.close();
    await views.close();
    server.closeAllConnections();
    await closed;
    await book.close();
  };
  const { url: hubUrl } = hub;
  return { host, port, url, hubUrl, viewUrl: viewers.url, stop, [Symbol.asyncDispose]: stop };
}

function runOf(book: Pick<RunBook, 'get'>, run: string): RunState {
  const state = book.get(run);
  if (!state) throw coordinatorError('COORDINATOR_NO_RUN', { run });
  return state;
}

function isViewer({ scopes }: AccessToken): boolean {
  return allows(scopes, 'viewer');
}

/** The hub knows services and watchers; who may steer steers over HTTP. */
function hubToken({ token, scopes }: AccessToken): ScopedToken {
  return { token, scope: scopes.includes('service') ? 'service' : 'viewer' };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(transportError('TRANSPORT_LISTEN', { host, port, reason: errorMessage(cause) }, { cause }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
